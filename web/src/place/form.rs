//! What somebody has written into the form: kept as it is, right or wrong.

/// How many lines an order may have. The API says so too; here it is how far a form grows.
const LINES_MAX: usize = 100;

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// What makes one order of it, however often it is sent.
    pub(super) key: String,
    pub(super) payment_type: String,
    pub(super) payment_method: String,
    pub(super) currency: String,
    pub(super) lines: Vec<Line>,
    /// The line that was added just now, which is where to go on.
    pub(super) added: Option<usize>,
    action: String,
}

/// A line of the order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) product_id: String,
    pub(super) product_name: String,
    pub(super) qty: String,
    pub(super) price: String,
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The order is to be placed.
    Place,
    /// It is to have one line more.
    AddLine,
    /// It is not to have this line.
    RemoveLine(usize),
}

impl Line {
    fn empty() -> Self {
        Self {
            qty: "1".to_owned(),
            ..Self::default()
        }
    }
}

impl Form {
    /// The form as it is first drawn.
    pub(super) fn empty() -> Self {
        Self {
            key: new_key(),
            payment_type: "cash".to_owned(),
            payment_method: String::new(),
            currency: "EUR".to_owned(),
            lines: vec![Line::empty()],
            added: None,
            action: String::new(),
        }
    }

    /// The form as it was sent, urlencoded. The fields of the lines come in their order.
    pub(super) fn read(body: &str) -> Self {
        let mut form = Self {
            key: String::new(),
            payment_type: String::new(),
            currency: String::new(),
            lines: Vec::new(),
            ..Self::empty()
        };
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            form.take(&name, value.trim());
        }
        if form.lines.is_empty() {
            form.lines.push(Line::empty());
        }
        if form.key.is_empty() {
            form.key = new_key();
        }
        form
    }

    /// Takes a field; one that the form does not have is left.
    fn take(&mut self, name: &str, value: &str) {
        // Each line begins with its first field.
        if name == "productName" && self.lines.len() <= LINES_MAX {
            self.lines.push(Line::default());
        }
        let line = self.lines.last_mut();
        let field = match (name, line) {
            ("key", _) => &mut self.key,
            ("paymentType", _) => &mut self.payment_type,
            ("paymentMethod", _) => &mut self.payment_method,
            ("currency", _) => &mut self.currency,
            ("action", _) => &mut self.action,
            ("productName", Some(line)) => &mut line.product_name,
            ("productId", Some(line)) => &mut line.product_id,
            ("qty", Some(line)) => &mut line.qty,
            ("price", Some(line)) => &mut line.price,
            _ => return,
        };
        value.clone_into(field);
    }

    /// What to do with it.
    pub(super) fn step(&self) -> Step {
        let removed = self.action.strip_prefix("remove-line-");
        match (self.action.as_str(), removed.map(str::parse)) {
            ("add-line", _) => Step::AddLine,
            (_, Some(Ok(index))) => Step::RemoveLine(index),
            _ => Step::Place,
        }
    }

    pub(super) fn add_line(&mut self) {
        if self.lines.len() < LINES_MAX {
            self.added = Some(self.lines.len());
            self.lines.push(Line::empty());
        }
    }

    /// Takes a line out; the last one stays.
    pub(super) fn remove_line(&mut self, index: usize) {
        if self.lines.len() > 1 && index < self.lines.len() {
            self.lines.remove(index);
        }
    }

    /// Makes it another order than the one that it was sent as.
    pub(super) fn renew_key(&mut self) {
        self.key = new_key();
    }

    /// Whether the payment is by card.
    pub(super) fn is_card(&self) -> bool {
        self.payment_type == "card"
    }
}

fn new_key() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_their_order_and_kept_as_they_were_written() {
        let form = Form::read(
            "key=k&currency=usd&paymentType=card&paymentMethod=pm_1&productName=Coffee&productId=1&qty=2&price=4.5\
             &productName=&productId=x&qty=&price=",
        );
        let names: Vec<_> = form
            .lines
            .iter()
            .map(|line| line.product_name.as_str())
            .collect();
        assert_eq!((form.key.as_str(), names), ("k", vec!["Coffee", ""]));
        assert_eq!(
            (
                form.lines[0].price.as_str(),
                form.lines[1].product_id.as_str()
            ),
            ("4.5", "x")
        );
        assert_eq!(form.step(), Step::Place);
    }

    #[test]
    fn a_line_is_added_at_the_end_and_the_last_one_stays() {
        let mut form = Form::read("productName=Coffee&qty=1&action=add-line");
        assert_eq!(form.step(), Step::AddLine);
        form.add_line();
        assert_eq!((form.lines.len(), form.added), (2, Some(1)));
        form.remove_line(0);
        form.remove_line(0);
        form.remove_line(7);
        assert_eq!(form.lines.len(), 1);
        let removed = Form::read("productName=Coffee&action=remove-line-3");
        assert_eq!(removed.step(), Step::RemoveLine(3));
    }

    #[test]
    fn each_form_that_is_drawn_is_an_order_of_its_own() {
        assert_ne!(Form::empty().key, Form::empty().key);
    }

    #[test]
    fn a_form_does_not_grow_beyond_what_an_order_may_have() {
        let mut form = Form::empty();
        for _ in 0..LINES_MAX + 5 {
            form.add_line();
        }
        assert_eq!(form.lines.len(), LINES_MAX);
        let flood = "productName=a&".repeat(10_000);
        assert_eq!(Form::read(&flood).lines.len(), LINES_MAX + 1);
    }
}
