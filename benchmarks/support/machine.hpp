#pragma once

namespace croupier::bench {

/// Gives memory that nobody holds back to the system, so that what stays resident is what is used.
void give_back_free_memory();

/// Writes every file's pages out and forgets them, where we may; says whether it did.
bool forget_pages();

} // namespace croupier::bench
