//! A browser, as a test plays it: it sends forms, keeps a cookie, and shows what came.

use reqwest::{Client, Method, Response, redirect::Policy};

/// The form of an order for coffee, but for its key and the token of its session.
pub(crate) const COFFEE: &str =
    "paymentType=cash&currency=EUR&productName=Coffee&productId=1&qty=2&price=4.50&action=place";

/// A browser, as far as it matters here: it keeps one cookie, and follows nothing.
pub(crate) struct Browser {
    client: Client,
    addr: String,
    cookie: Option<String>,
}

/// A page as it came.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

impl Browser {
    pub(crate) fn at(addr: &str) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Self {
            client: client.build().unwrap(),
            addr: addr.to_owned(),
            cookie: None,
        }
    }

    /// The same browser, at another instance of the page.
    pub(crate) fn and_at(&self, addr: &str) -> Self {
        Self {
            client: self.client.clone(),
            addr: addr.to_owned(),
            cookie: self.cookie.clone(),
        }
    }

    /// Whether it keeps a session.
    pub(crate) fn has_cookie(&self) -> bool {
        self.cookie.is_some()
    }

    /// Sends a request, and does with cookies what a browser does.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        form: Option<&str>,
    ) -> Page {
        let response = self.ask(method, path, headers, form).await;
        let page = Page {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        };
        if let Some((pair, attributes)) = page.header("set-cookie").split_once(';') {
            let is_kept = !attributes.contains("Max-Age=0");
            self.cookie = is_kept.then(|| pair.to_owned());
        }
        page
    }

    /// The answer before it is read, as of a stream.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        form: Option<&str>,
    ) -> Response {
        let url = format!("http://{}{path}", self.addr);
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(form) = form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Page {
        self.send(Method::POST, path, &[], Some(form)).await
    }

    /// Logs in, and gives the answer to it.
    pub(crate) async fn log_in(&mut self, key: &str) -> Page {
        let form = format!("credential={key}&next=%2Fui%2Forders");
        let page = self.post("/ui/login", &form).await;
        assert_eq!(page.status, 303, "{}", page.html);
        page
    }

    /// What the forms of this session send along.
    pub(crate) async fn csrf(&mut self) -> String {
        self.get("/ui/orders/new").await.csrf()
    }

    /// Places an order by the form, and gives its id and the page it leads to.
    pub(crate) async fn place(&mut self) -> (String, String) {
        let form = self.get("/ui/orders/new").await;
        let (csrf, key) = (form.csrf(), form.field("key"));
        let form = format!("{COFFEE}&csrf={csrf}&key={key}");
        let placed = self.post("/ui/orders/new", &form).await;
        assert_eq!(placed.status, 303, "{}", placed.html);
        let page = placed.header("location").to_owned();
        let id = page.strip_prefix("/ui/orders/").unwrap()[..36].to_owned();
        (id, page)
    }
}

impl Page {
    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    /// The value of the first hidden field of this name.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> String {
        let begin = format!("name=\"{name}\" value=\"");
        let rest = self.html.split_once(&begin);
        let (_, rest) = rest.unwrap_or_else(|| panic!("no {name} in {}", self.html));
        rest.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn csrf(&self) -> String {
        self.field("csrf")
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "no {text:?} in\n{}", self.html);
        self
    }

    #[track_caller]
    pub(crate) fn has_no(&self, text: &str) -> &Self {
        let html = &self.html;
        assert!(!html.contains(text), "there is {text:?} in\n{html}");
        self
    }
}
