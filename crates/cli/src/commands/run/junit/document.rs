//! A JUnit document: suites of test cases in, XML out.

use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// The test cases of a script.
pub(super) struct TestSuite {
    name: String,
    duration: Duration,
    pub(super) cases: Vec<TestCase>,
}

/// One test case.
pub(super) struct TestCase {
    pub(super) name: String,
    /// The class, for programs that read JUnit.
    pub(super) script: String,
    pub(super) status: TestStatus,
    pub(super) duration: Option<Duration>,
    /// What it said; empty for nothing.
    pub(super) output: String,
}

/// How a test case ended.
pub(super) enum TestStatus {
    Success,
    Skipped,
    Failure { message: String, text: String },
    Error { message: String },
}

impl TestSuite {
    pub(super) fn new(name: &str, duration: Duration) -> Self {
        Self { name: name.to_owned(), duration, cases: Vec::new() }
    }
}

/// Cases, and how many of them were skipped, failed, and ended in an error.
struct Counts {
    tests: String,
    skipped: String,
    failures: String,
    errors: String,
}

impl Counts {
    fn of(suites: &[TestSuite]) -> Self {
        let count = |is: fn(&TestStatus) -> bool| {
            let cases = suites.iter().flat_map(|suite| &suite.cases);
            cases.filter(|case| is(&case.status)).count().to_string()
        };
        Self {
            tests: count(|_| true),
            skipped: count(|status| matches!(status, TestStatus::Skipped)),
            failures: count(|status| matches!(status, TestStatus::Failure { .. })),
            errors: count(|status| matches!(status, TestStatus::Error { .. })),
        }
    }
}

/// The document.
pub(super) fn text(name: &str, suites: &[TestSuite]) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 4);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = Counts::of(suites);
    let root = BytesStart::new("testsuites").with_attributes([
        ("name", name),
        ("tests", &counts.tests),
        ("skipped", &counts.skipped),
        ("failures", &counts.failures),
        ("errors", &counts.errors),
    ]);
    writer.write_event(Event::Start(root))?;
    for suite in suites {
        write_suite(&mut writer, suite)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writer.write_indent()?;
    String::from_utf8(writer.into_inner()).map_err(io::Error::other)
}

fn write_suite(writer: &mut Writer<Vec<u8>>, suite: &TestSuite) -> io::Result<()> {
    let counts = Counts::of(std::slice::from_ref(suite));
    let element = BytesStart::new("testsuite").with_attributes([
        ("name", suite.name.as_str()),
        ("tests", &counts.tests),
        ("skipped", &counts.skipped),
        ("errors", &counts.errors),
        ("failures", &counts.failures),
        ("time", &seconds(suite.duration)),
    ]);
    if suite.cases.is_empty() {
        return writer.write_event(Event::Empty(element));
    }
    writer.write_event(Event::Start(element))?;
    for case in &suite.cases {
        write_case(writer, case)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn write_case(writer: &mut Writer<Vec<u8>>, case: &TestCase) -> io::Result<()> {
    let mut element = BytesStart::new("testcase")
        .with_attributes([("name", case.name.as_str()), ("classname", &case.script)]);
    if let Some(duration) = case.duration {
        element.push_attribute(("time", seconds(duration).as_str()));
    }
    if matches!(case.status, TestStatus::Success) && case.output.is_empty() {
        return writer.write_event(Event::Empty(element));
    }
    writer.write_event(Event::Start(element))?;
    match &case.status {
        TestStatus::Success => {}
        TestStatus::Skipped => writer.write_event(Event::Empty(BytesStart::new("skipped")))?,
        TestStatus::Error { message } => {
            let error = BytesStart::new("error").with_attributes([("message", message.as_str())]);
            writer.write_event(Event::Empty(error))?;
        }
        TestStatus::Failure { message, text } => {
            let failure = BytesStart::new("failure");
            write_text(writer, failure.with_attributes([("message", message.as_str())]), text)?;
        }
    }
    if !case.output.is_empty() {
        write_text(writer, BytesStart::new("system-out"), &case.output)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn write_text(writer: &mut Writer<Vec<u8>>, element: BytesStart<'_>, text: &str) -> io::Result<()> {
    let end = element.to_end().into_owned();
    writer.write_event(Event::Start(element))?;
    writer.write_event(Event::Text(BytesText::new(text)))?;
    writer.write_event(Event::End(end))
}

/// Three decimals, as JUnit's schema has them.
fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}
