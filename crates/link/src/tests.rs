mod chance;
mod exchanges;
mod logs;
mod outside;
mod recovery;
mod streams;
