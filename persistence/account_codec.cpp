#include "persistence/account_codec.hpp"

#include "persistence/fact_fields.hpp"

namespace croupier::persistence {

template<>
struct fields_of<account_buckets> {
  static auto in(auto& it) {
    return std::tie(it.open, it.on_hold, it.carried, it.pending, it.paid, it.rounding, it.earned);
  }
};
template<>
struct fields_of<carried_sums> {
  static auto in(auto& it) { return std::tie(it.brand, it.deficit, it.advance); }
};
template<>
struct fields_of<fenced_player> {
  static auto in(auto& it) { return std::tie(it.player, it.carried); }
};
template<>
struct fields_of<carry_state> {
  static auto in(auto& it) { return std::tie(it.sums, it.fences); }
};
template<>
struct fields_of<settled_part> {
  static auto in(auto& it) { return std::tie(it.id, it.status, it.part); }
};
template<>
struct fields_of<affiliate_account::placed_cut> {
  static auto in(auto& it) { return std::tie(it.cut, it.settlement); }
};
template<>
struct fields_of<affiliate_account> {
  static auto in(auto& it) { return affiliate_account::fields(it); }
};

std::string encode_account(const affiliate_account& account) {
  std::string out;
  put_fields(out, account);
  return out;
}

result<affiliate_account, std::string> decode_account(std::string_view bytes) {
  affiliate_account account({});
  byte_reader in(bytes);
  read_fields(in, account);
  in.expect_end();
  if (in.failed()) return in.problem();
  return account;
}

} // namespace croupier::persistence
