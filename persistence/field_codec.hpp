#pragma once

#include "engine/commission_sum.hpp"
#include "engine/currency.hpp"
#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"
#include "persistence/byte_codec.hpp"

#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace croupier::persistence {

/// The fields of plain data in the order in which they are written: one list serves both directions, so they cannot
/// drift apart. Specialise it as
///
///   template<> struct fields_of<thing> { static auto in(auto& it) { return std::tie(it.first, it.second); } };
///
/// Grammar, in the words of record_codec.cpp: unsigned integers and strong numbers `v`; signed integers and fixed
/// points (their units) `z`; timestamps `z` of microseconds; enums and bools u8; texts `text`; optional: u8 0 or 1,
/// then the value; lists and maps: `v` elements; arrays: the elements; arrays of bytes: the bytes.
template<class T>
struct fields_of;

/// The first and last value of an enum on disk; without gaps in between.
template<class E>
struct enum_bounds;
template<auto First, auto Last>
struct from_to {
  static constexpr auto first = First;
  static constexpr auto last = Last;
};

namespace detail {

template<class T>
concept has_fields = requires(T& it) {
  fields_of<std::remove_const_t<T>>::in(it);
};
template<class T>
struct is_fixed_point : std::false_type {};
template<int Scale>
struct is_fixed_point<fixed_point<Scale>> : std::true_type {};
template<class T>
struct is_strong_number : std::false_type {};
template<class Rep, class Tag>
struct is_strong_number<strong_number<Rep, Tag>> : std::true_type {};
template<class T>
struct is_optional : std::false_type {};
template<class T>
struct is_optional<std::optional<T>> : std::true_type {};
template<class T>
struct is_vector : std::false_type {};
template<class T>
struct is_vector<std::vector<T>> : std::true_type {};
template<class T>
struct is_array : std::false_type {};
template<class T, std::size_t N>
struct is_array<std::array<T, N>> : std::true_type {};
template<class T>
struct is_map : std::false_type {};
template<class K, class V, class C>
struct is_map<std::map<K, V, C>> : std::true_type {};
template<class T>
struct is_pair : std::false_type {};
template<class A, class B>
struct is_pair<std::pair<A, B>> : std::true_type {};

} // namespace detail

/// Writes a value by its fields.
template<class T>
void put_fields(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    put_byte(out, value ? 1 : 0);
  } else if constexpr (std::is_enum_v<T>) {
    put_byte(out, static_cast<std::uint8_t>(value));
  } else if constexpr (detail::is_strong_number<T>::value) {
    put_varint(out, value);
  } else if constexpr (std::is_unsigned_v<T>) {
    put_varint(out, value);
  } else if constexpr (std::is_signed_v<T>) {
    put_zigzag(out, value);
  } else if constexpr (detail::is_fixed_point<T>::value) {
    put_zigzag(out, value.units());
  } else if constexpr (std::is_same_v<T, commission_sum>) {
    put_zigzag(out, value.whole());
    put_varint(out, static_cast<std::uint64_t>(value.fraction()));
  } else if constexpr (std::is_same_v<T, timestamp>) {
    put_zigzag(out, value.unix_us);
  } else if constexpr (std::is_same_v<T, uuid>) {
    out.append(value.bytes.begin(), value.bytes.end());
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    put_text(out, value);
  } else if constexpr (detail::is_optional<T>::value) {
    put_byte(out, value ? 1 : 0);
    if (value) put_fields(out, *value);
  } else if constexpr (detail::is_vector<T>::value || detail::is_map<T>::value) {
    put_varint(out, value.size());
    for (const auto& each : value) put_fields(out, each);
  } else if constexpr (detail::is_array<T>::value) {
    if constexpr (sizeof(value[0]) == 1)
      out.append(value.begin(), value.end());
    else
      for (const auto& each : value) put_fields(out, each);
  } else if constexpr (detail::is_pair<T>::value) {
    put_fields(out, value.first);
    put_fields(out, value.second);
  } else {
    std::apply([&out](const auto&... each) { (put_fields(out, each), ...); }, fields_of<T>::in(value));
  }
}

/// Reads what `put_fields` wrote, from bytes that may be anything; problems stick to the reader.
template<class T>
void read_fields(byte_reader& in, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    const auto one = in.byte();
    in.require(one <= 1, "a yes or no is neither");
    value = one == 1;
  } else if constexpr (std::is_enum_v<T>) {
    const auto one = in.byte();
    if (in.failed()) return;
    in.require(one >= static_cast<std::uint8_t>(enum_bounds<T>::first) &&
                   one <= static_cast<std::uint8_t>(enum_bounds<T>::last),
               "a choice is not one that is known");
    if (!in.failed()) value = static_cast<T>(one);
  } else if constexpr (detail::is_strong_number<T>::value) {
    value = in.number<T>();
  } else if constexpr (std::is_unsigned_v<T>) {
    value = in.varint<T>();
  } else if constexpr (std::is_signed_v<T>) {
    const auto wide = in.zigzag64();
    in.require(static_cast<T>(wide) == wide, "a number is too large for its field");
    value = static_cast<T>(wide);
  } else if constexpr (detail::is_fixed_point<T>::value) {
    value = T::from_units(in.zigzag());
  } else if constexpr (std::is_same_v<T, commission_sum>) {
    const auto whole = in.zigzag();
    const auto fraction = in.varint();
    in.require(fraction < 1'000'000'000'000'000'000U, "a fraction is not below one");
    if (!in.failed()) value = commission_sum::from_parts(whole, static_cast<std::int64_t>(fraction));
  } else if constexpr (std::is_same_v<T, timestamp>) {
    value.unix_us = in.zigzag64();
  } else if constexpr (std::is_same_v<T, uuid>) {
    const auto bytes = in.raw(value.bytes.size());
    std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    value = in.text();
  } else if constexpr (detail::is_optional<T>::value) {
    bool there = false;
    read_fields(in, there);
    value.reset();
    if (there && !in.failed()) read_fields(in, value.emplace());
  } else if constexpr (detail::is_vector<T>::value) {
    const auto count = in.varint();
    // A byte an element at least: a count that lies is found before anything is allocated for it.
    in.require(count <= in.remaining(), "a list is shorter than it says");
    value.clear();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) read_fields(in, value.emplace_back());
  } else if constexpr (detail::is_map<T>::value) {
    const auto count = in.varint();
    in.require(count <= in.remaining(), "a map is shorter than it says");
    value.clear();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      std::pair<typename T::key_type, typename T::mapped_type> each;
      read_fields(in, each);
      in.require(value.empty() || std::prev(value.end())->first < each.first, "a map is out of order");
      value.insert(value.end(), std::move(each));
    }
  } else if constexpr (detail::is_array<T>::value) {
    if constexpr (sizeof(value[0]) == 1) {
      const auto bytes = in.raw(value.size());
      std::copy(bytes.begin(), bytes.end(), value.begin());
    } else {
      for (auto& each : value) read_fields(in, each);
    }
  } else if constexpr (detail::is_pair<T>::value) {
    read_fields(in, value.first);
    read_fields(in, value.second);
  } else {
    std::apply([&in](auto&... each) { (read_fields(in, each), ...); }, fields_of<T>::in(value));
  }
}

} // namespace croupier::persistence
