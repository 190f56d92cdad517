mod exchanges;
mod outside;
mod recovery;
mod streams;
