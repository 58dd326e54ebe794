#pragma once

namespace croupier::bench {

/// Gives memory that nobody holds back to the system, so that what stays resident is what is used.
void give_back_free_memory();

/// Writes every file's pages out and forgets them, where we may; says whether it did.
bool forget_pages();

/// Microseconds of processor time that this process has used, on all threads.
double own_processor_time_us();

} // namespace croupier::bench
