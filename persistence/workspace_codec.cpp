#include "persistence/record_codec.hpp"
#include "persistence/workspace_fields.hpp"

// The grammar of an object of the workspace, in the words of record_codec.cpp and field_codec.hpp:
//
//   object := kind:u8 version:u8 field...       version is 1 for every kind; the kinds are numbered as the
//                                               alternatives of workspace_object, from 1; the fields are those of
//                                               workspace_fields.hpp

namespace croupier::persistence {

namespace {

constexpr std::uint8_t object_version = 1;

/// Reads the alternative of that index into `out`.
template<std::size_t Index = 0>
void read_alternative(byte_reader& in, std::size_t index, workspace_object& out) {
  if constexpr (Index < std::variant_size_v<workspace_object>) {
    if (index == Index)
      read_fields(in, out.emplace<Index>());
    else
      read_alternative<Index + 1>(in, index, out);
  } else {
    in.fail("the kind of the object is unknown");
  }
}

} // namespace

void encode_object(const workspace_changed::object& what, std::string& out) {
  put_byte(out, static_cast<std::uint8_t>(what.index() + 1));
  put_byte(out, object_version);
  std::visit([&out](const auto& value) { put_fields(out, value); }, what);
}

result<workspace_changed::object, std::string> decode_object(std::string_view bytes) {
  byte_reader in(bytes);
  const auto kind = in.byte();
  const auto version = in.byte();
  if (in.failed()) return in.problem();
  if (version != object_version)
    return "the object has version " + std::to_string(version) + ", this build knows version 1";
  workspace_changed::object value;
  read_alternative(in, static_cast<std::size_t>(kind) - 1, value);
  in.expect_end();
  if (in.failed()) return in.problem();
  return value;
}

} // namespace croupier::persistence
