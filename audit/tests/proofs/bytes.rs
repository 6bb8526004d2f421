//! Changes of the bytes of a file, by somebody who knows the format and computes its digest anew.

use ordertrace_domain::Hash;

/// The lines of an export without its last one, which has the digest.
pub(crate) fn lines(export: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(export).unwrap();
    let mut lines: Vec<_> = text.split_inclusive('\n').map(ToOwned::to_owned).collect();
    lines.pop();
    lines
}

/// These lines as an export, with the digest that they have.
pub(crate) fn redigested(lines: &[String]) -> Vec<u8> {
    let body = lines.concat();
    let digest = Hash::of(body.as_bytes());
    format!("{body}{{\"sha256\":\"{digest}\"}}\n").into_bytes()
}

/// An export whose lines were changed, with the digest that it has then.
pub(crate) fn edited(export: &[u8], edit: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
    let mut lines = lines(export);
    edit(&mut lines);
    redigested(&lines)
}

/// The same, and the last line says how many events there are then, and where.
pub(crate) fn recounted(export: &[u8], edit: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
    edited(export, |lines| {
        edit(lines);
        let end = lines.pop().unwrap();
        let (_, checkpoint) = end.split_once(",\"checkpoint\":").unwrap();
        let position = |line: Option<&String>| {
            let rest = line.and_then(|line| line.strip_prefix("{\"position\":"));
            let number = rest.and_then(|rest| rest.split_once(','));
            number.map_or_else(|| "null".to_owned(), |(number, _)| number.to_owned())
        };
        let (first, last) = (position(lines.get(1)), position(lines.last()));
        let events = lines.len() - 1;
        lines.push(format!(
            "{{\"events\":{events},\"first\":{first},\"last\":{last},\"checkpoint\":{checkpoint}"
        ));
    })
}

/// Replaces a text that is there.
pub(crate) fn replace(text: &mut String, is: &str, becomes: &str) {
    assert!(text.contains(is), "{is} is not in {text}");
    *text = text.replacen(is, becomes, 1);
}

/// A bundle whose text was changed, with the digest that it has then.
pub(crate) fn edited_bundle(bundle: &[u8], edit: impl FnOnce(&mut String)) -> Vec<u8> {
    let text = std::str::from_utf8(bundle).unwrap();
    let (body, _) = text.rsplit_once(",\"sha256\":").unwrap();
    let mut body = body.to_owned();
    edit(&mut body);
    let digest = Hash::of(body.as_bytes());
    format!("{body},\"sha256\":\"{digest}\"}}\n").into_bytes()
}
