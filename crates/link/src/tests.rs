mod exchanges;
mod outside;
mod recovery;
