//! Writing a fault as it is read.

use std::fmt;
use std::time::Duration;

use super::{Action, Buffer, Fault, Phase, Removal, When, parse};

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.phase {
            Phase::Answer => "",
            Phase::Instead => "instead:",
            Phase::Command => "command:",
        })?;
        self.action.fmt(f)?;
        self.when.fmt(f)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = hex::encode_upper::<&[u8]>;
        match self {
            Self::StatusWord(status) => write!(f, "sw={status}"),
            Self::Data(data) => write!(f, "data={}", bytes(data)),
            Self::Answer(answer) => write!(f, "answer={}", bytes(answer)),
            Self::Truncate(length) => write!(f, "truncate={length}"),
            Self::Extra(extra) => write!(f, "extra={}", bytes(extra)),
            Self::Flip(None) => f.write_str("flip"),
            Self::Flip(Some(bit)) => write!(f, "flip={bit}"),
            Self::FlipIn(tag, bit) => write!(f, "flip={tag}:{bit}"),
            Self::Add(tag, value) => write!(f, "add={tag}:{}", bytes(value)),
            Self::Size(size) => write!(f, "size={size}"),
            Self::ObjectDamage(kind, None) => write!(f, "tlv={}", parse::name_of(*kind)),
            Self::ObjectDamage(kind, Some(tag)) => write!(f, "tlv={}:{tag}", parse::name_of(*kind)),
            Self::Set(tag, value) => write!(f, "set={tag}:{}", bytes(value)),
            Self::Count(count) => write!(f, "count={count:02X}"),
            Self::Stale => f.write_str("stale"),
            Self::Slow(time) => write!(f, "slow={}", Time(*time)),
            Self::Mute(Buffer::Cleared) => f.write_str("mute"),
            Self::Mute(Buffer::Stale) => f.write_str("mute=stale"),
            Self::Remove(Removal::Before) => f.write_str("remove"),
            Self::Remove(Removal::Inside) => f.write_str("remove=inside"),
            Self::Remove(Removal::After) => f.write_str("remove=after"),
            Self::Reset => f.write_str("reset"),
            Self::Cut(written) => write!(f, "cut={written}"),
            Self::Atr(atr) => write!(f, "atr={}", bytes(atr)),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = [
            self.number.map(|number| number.to_string()),
            self.every.map(|number| format!("every={number}")),
            self.ins.map(|ins| format!("ins={ins:02X}")),
            self.fetched.map(|ins| format!("for={ins:02X}")),
            self.application.map(|aid| format!("app={}", hex::encode_upper(aid.as_bytes()))),
            self.file.map(|file| format!("file={file}")),
            self.record.map(|record| format!("record={record:02X}")),
            self.tag.map(|tag| format!("tag={tag}")),
            self.status.map(|status| format!("status={status}")),
            self.nth.map(|number| format!("nth={number}")),
            self.times.map(|number| format!("times={number}")),
            self.probability.map(|probability| format!("p={probability}")),
            self.after.map(|time| format!("after={}", Time(time))),
            self.power.map(|number| format!("power={number}")),
            self.insertion.map(|number| format!("insert={number}")),
        ];
        let mut mark = '@';
        for condition in conditions.into_iter().flatten() {
            write!(f, "{mark}{condition}")?;
            mark = ',';
        }
        Ok(())
    }
}

/// A time in the largest unit that says it whole.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        match micros {
            _ if micros.is_multiple_of(1_000_000) => write!(f, "{}s", self.0.as_secs()),
            _ if micros.is_multiple_of(1_000) => write!(f, "{}ms", self.0.as_millis()),
            _ => write!(f, "{micros}us"),
        }
    }
}
