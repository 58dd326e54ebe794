#include "benchmarks/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace croupier::load {

namespace {

constexpr unsigned sub_bits = 7;  // 128 linear steps per power of two
constexpr unsigned top_bits = 40; // values of 2^40 ns and more share the last bucket
constexpr std::uint64_t steps = std::uint64_t{1} << sub_bits;
constexpr std::size_t bucket_count = (top_bits - sub_bits + 1) * steps;

std::size_t bucket_of(std::uint64_t value) noexcept {
  if (value < 2 * steps) return static_cast<std::size_t>(value);
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - sub_bits - 1;
  const auto index = shift * steps + (value >> shift);
  return std::min<std::size_t>(index, bucket_count - 1);
}

std::uint64_t upper_end(std::size_t bucket) noexcept {
  if (bucket < 2 * steps) return bucket;
  const auto shift = bucket / steps - 1;
  const auto mantissa = bucket - shift * steps;
  return ((mantissa + 1) << shift) - 1;
}

} // namespace

histogram::histogram() : buckets_(bucket_count) {}

void histogram::add(duration value) noexcept {
  const auto ns = static_cast<std::uint64_t>(std::max<duration::rep>(value.count(), 0));
  ++buckets_[bucket_of(ns)];
  ++count_;
  sum_ns_ += ns;
  max_ns_ = std::max(max_ns_, ns);
}

void histogram::merge(const histogram& other) noexcept {
  for (std::size_t i = 0; i < bucket_count; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

histogram::duration histogram::mean() const noexcept {
  return duration(count_ == 0 ? 0 : sum_ns_ / count_);
}

histogram::duration histogram::quantile(double share) const noexcept {
  if (count_ == 0) return duration(0);
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * double(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return duration(i + 1 == bucket_count ? max_ns_ : std::min(upper_end(i), max_ns_));
  }
  return max();
}

} // namespace croupier::load
