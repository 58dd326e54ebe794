#include "persistence/record_codec.hpp"

#include "engine/check.hpp"
#include "persistence/byte_codec.hpp"
#include "persistence/fact_fields.hpp"

#include <array>

// The grammar of a record. v: varint; z: zigzag varint, up to 128 bits; u8, u64: fixed width, big-endian; text: v
// bytes.
//
//   record     := kind:u8 version:u8 body                  version is 1 for every kind
//
//   kind 1, player_registered   := profile payload:text
//           profile             := player:v brand:v external_id:text click:v link:v offer:v affiliate:v
//                                  registered_at and the entries that registered and attributed are not in it: they are
//                                  those of the records
//   kind 2, player_attributed   := the same as kind 1
//   kind 3, movement_recorded   := flags:u8                bit 0: revshare, bit 1: key frame, bit 2: opening, bit 3:
//                                  first deposit, bit 4: chargeback, bit 5: event, bit 6: claim, bit 7: joined
//                                  player:v brand:v player_hash:u64 ordinal:v dialect:u8 request_id:text
//                                  changes:v change{changes} [revshare] [key_frame] [event] [claim] [joined]
//                                  payload:text
//           change              := metric:v form:u8 value:z [delta:z] balance_after:z
//                                  form: bits 0-1 how (1 absolute, 2 relative), bit 2 negative zero, bits 4-7 fraction
//                                  digits; delta is there for absolute values only, a relative value is its own delta
//           revshare            := offer:v affiliate:v metric:v rate:z earned:z plan:v
//           key_frame           := balances:v (metric:v value:z){balances} revshare_total:z
//           joined              := change:u8 profile       change: 1 created, 2 attributed
//   kind 5, workspace_changed   := flags:u8                bit 0: before
//                                  who:text [before:text] after:text       both in the grammar of workspace_codec.cpp
//
// event, claim, and the kinds 4 (click_tracked) and 6 to 11 (the further alternatives of `entry`, in their order) are
// their fields as fact_fields.hpp lists them, in the grammar of field_codec.hpp.
//
// Amounts are in units of 10^-8, rates of 10^-4 percent, commissions of 10^-18. There is one way to write each entry,
// so a decoded record encodes to the same bytes again.

namespace croupier::persistence {

namespace {

/// On disk: do not change the values, add new ones.
enum class record_kind : std::uint8_t {
  player_registered = 1,
  player_attributed = 2,
  movement_recorded = 3,
  click_tracked = 4,
  workspace_changed = 5,
  impressions_counted = 6,
  account_adjusted = 7,
  account_closed = 8,
  settlement_recorded = 9,
  settlement_status_recorded = 10,
  settlement_deletion_recorded = 11
};

constexpr std::uint8_t record_version = 1;
constexpr std::uint8_t has_revshare = 1;
constexpr std::uint8_t has_key_frame = 2;
constexpr std::uint8_t is_opening = 4;
constexpr std::uint8_t is_first_deposit = 8;
constexpr std::uint8_t is_charged_back = 16;
constexpr std::uint8_t has_event = 32;
constexpr std::uint8_t has_claim = 64;
constexpr std::uint8_t has_joined = 128;
constexpr std::uint8_t has_before = 1;
constexpr std::uint8_t how_bits = 3;
constexpr std::uint8_t negative_zero_bit = 4;
constexpr int fraction_digits_shift = 4;

/// Beyond any balance and any difference of two, and far from where sums of 128 bits overflow.
constexpr int128 amount_units_max = int128{1'000'000'000'000'000'000} * 10'000'000'000;

void put_head(std::string& out, record_kind kind) {
  put_byte(out, static_cast<std::uint8_t>(kind));
  put_byte(out, record_version);
}

// -- players ----------------------------------------------------------------------------------------------------------

void put_profile(std::string& out, const player_profile& profile) {
  put_varint(out, profile.number);
  put_varint(out, profile.brand);
  put_text(out, profile.external_id);
  put_varint(out, profile.click);
  put_varint(out, profile.link);
  put_varint(out, profile.offer);
  put_varint(out, profile.affiliate);
}

player_profile read_profile(byte_reader& in) {
  player_profile profile;
  profile.number = in.number<player_number>();
  profile.brand = in.number<brand_number>();
  profile.external_id = in.text();
  profile.click = in.number<sequence>();
  profile.link = in.number<link_number>();
  profile.offer = in.number<offer_number>();
  profile.affiliate = in.number<affiliate_number>();
  return profile;
}

void put_body(std::string& out, const player_registered& what) {
  put_head(out, record_kind::player_registered);
  put_profile(out, what.profile);
  put_text(out, what.payload);
}

void put_body(std::string& out, const player_attributed& what) {
  put_head(out, record_kind::player_attributed);
  put_profile(out, what.profile);
  put_text(out, what.payload);
}

entry read_registered(byte_reader& in) {
  player_registered what;
  what.profile = read_profile(in);
  what.payload = in.text();
  return what;
}

entry read_attributed(byte_reader& in) {
  player_attributed what;
  what.profile = read_profile(in);
  what.payload = in.text();
  return what;
}

// -- movements --------------------------------------------------------------------------------------------------------

amount read_amount(byte_reader& in) {
  const auto units = in.zigzag();
  in.require(units >= -amount_units_max && units <= amount_units_max, "an amount is out of range");
  return amount::from_units(units);
}

void put_change(std::string& out, const metric_change& change) {
  CROUPIER_ASSERT(change.how == value_type::absolute || change.delta == change.value,
                  "a relative change must be its own delta");
  const auto form = static_cast<unsigned>(change.how) | (change.negative_zero ? negative_zero_bit : 0U) |
                    static_cast<unsigned>(change.fraction_digits) << fraction_digits_shift;
  put_varint(out, change.metric);
  put_byte(out, static_cast<std::uint8_t>(form));
  put_zigzag(out, change.value.units());
  if (change.how == value_type::absolute) put_zigzag(out, change.delta.units());
  put_zigzag(out, change.balance_after.units());
}

/// Whether a value of this many fraction digits can have these units; the text of any other value cannot be given back.
bool fits_fraction_digits(amount value, std::uint8_t fraction_digits) noexcept {
  static_assert(amount::scale == 8);
  constexpr std::array<std::int64_t, 9> steps{100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  const auto units = value.units();
  const auto step = steps[fraction_digits];
  const auto narrow = static_cast<std::int64_t>(units); // a division of 128 bits is slow and hardly ever needed
  return narrow == units ? narrow % step == 0 : units % step == 0;
}

metric_change read_change(byte_reader& in) {
  metric_change change;
  change.metric = in.number<metric_number>();
  const auto form = in.byte();
  const auto how = form & how_bits;
  in.require(how == 1 || how == 2, "a value is neither absolute nor relative");
  in.require((form & 8U) == 0, "an unknown bit is set in a value's form");
  change.how = static_cast<value_type>(how);
  change.negative_zero = (form & negative_zero_bit) != 0;
  change.fraction_digits = form >> fraction_digits_shift;
  in.require(change.fraction_digits <= amount::scale, "a value has too many fraction digits");
  change.value = read_amount(in);
  change.delta = change.how == value_type::absolute ? read_amount(in) : change.value;
  change.balance_after = read_amount(in);
  in.require(!change.negative_zero || change.value.is_zero(), "a negative zero is not zero");
  if (!in.failed())
    in.require(fits_fraction_digits(change.value, change.fraction_digits), "a value has more digits than its text");
  return change;
}

revshare_accrual read_revshare(byte_reader& in) {
  revshare_accrual revshare;
  revshare.offer = in.number<offer_number>();
  revshare.affiliate = in.number<affiliate_number>();
  revshare.metric = in.number<metric_number>();
  revshare.rate = percentage::from_units(in.zigzag());
  revshare.earned = commission::from_units(in.zigzag());
  revshare.plan = in.number<plan_number>();
  return revshare;
}

movement_recorded::key_frame read_key_frame(byte_reader& in) {
  movement_recorded::key_frame frame;
  const auto count = in.varint();
  // Two bytes a balance at least: a count that lies is found before anything is allocated for it.
  in.require(count <= in.remaining() / 2, "a key frame has fewer balances than it says");
  if (in.failed()) return frame;
  frame.balances.reserve(count);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const auto metric = in.number<metric_number>();
    in.require(i == 0 || metric > frame.balances.back().metric, "the balances of a key frame are not ascending");
    frame.balances.push_back({metric, read_amount(in)});
  }
  frame.revshare_total = commission::from_units(in.zigzag());
  return frame;
}

std::uint8_t flags_of(const movement_recorded& what) noexcept {
  const auto flag = [](bool set, std::uint8_t bit) { return set ? bit : 0U; };
  return static_cast<std::uint8_t>(
      flag(what.revshare.has_value(), has_revshare) | flag(what.frame.has_value(), has_key_frame) |
      flag(what.opening, is_opening) | flag(what.first_deposit, is_first_deposit) |
      flag(what.charged_back, is_charged_back) | flag(what.event.has_value(), has_event) |
      flag(what.claim.has_value(), has_claim) | flag(what.joined != profile_change::none, has_joined));
}

void put_joined(std::string& out, const movement_recorded& what) {
  put_byte(out, static_cast<std::uint8_t>(what.joined));
  put_profile(out, what.profile);
}

void read_joined(byte_reader& in, movement_recorded& what) {
  const auto joined = in.byte();
  in.require(joined == 1 || joined == 2, "a player neither came nor was attributed");
  what.joined = static_cast<profile_change>(joined);
  what.profile = read_profile(in);
  in.require(what.profile.number == what.player && what.profile.brand == what.brand, "the profile is another player's");
}

void put_body(std::string& out, const movement_recorded& what) {
  put_head(out, record_kind::movement_recorded);
  put_byte(out, flags_of(what));
  put_varint(out, what.player);
  put_varint(out, what.brand);
  put_fixed(out, what.player_hash);
  put_varint(out, what.ordinal);
  put_byte(out, static_cast<std::uint8_t>(what.source));
  put_text(out, what.request_id);
  put_varint(out, what.changes.size());
  for (const auto& change : what.changes) put_change(out, change);
  if (what.revshare) {
    put_varint(out, what.revshare->offer);
    put_varint(out, what.revshare->affiliate);
    put_varint(out, what.revshare->metric);
    put_zigzag(out, what.revshare->rate.units());
    put_zigzag(out, what.revshare->earned.units());
    put_varint(out, what.revshare->plan);
  }
  if (what.frame) {
    put_varint(out, what.frame->balances.size());
    for (const auto& [metric, value] : what.frame->balances) {
      put_varint(out, metric);
      put_zigzag(out, value.units());
    }
    put_zigzag(out, what.frame->revshare_total.units());
  }
  if (what.event) put_fields(out, *what.event);
  if (what.claim) put_fields(out, *what.claim);
  if (what.joined != profile_change::none) put_joined(out, what);
  put_text(out, what.payload);
}

entry read_movement(byte_reader& in) {
  movement_recorded what;
  const auto flags = in.byte();
  what.opening = (flags & is_opening) != 0;
  what.first_deposit = (flags & is_first_deposit) != 0;
  what.charged_back = (flags & is_charged_back) != 0;
  what.player = in.number<player_number>();
  what.brand = in.number<brand_number>();
  what.player_hash = in.fixed<std::uint64_t>();
  what.ordinal = in.varint();
  const auto source = in.byte();
  in.require(source >= 1 && source <= 3, "the dialect is unknown");
  what.source = static_cast<dialect>(source);
  what.request_id = in.text();
  const auto changes = in.varint();
  in.require(changes <= metrics_per_movement_max + hidden_changes_max, "a movement has too many metrics");
  for (std::uint64_t i = 0; i < changes && !in.failed(); ++i) what.changes.push_back(read_change(in));
  if ((flags & has_revshare) != 0) what.revshare = read_revshare(in);
  if ((flags & has_key_frame) != 0) what.frame = read_key_frame(in);
  if ((flags & has_event) != 0) read_fields(in, what.event.emplace());
  if ((flags & has_claim) != 0) read_fields(in, what.claim.emplace());
  if ((flags & has_joined) != 0) read_joined(in, what);
  what.payload = in.text();
  return what;
}

// -- clicks, accounts and the workspace -------------------------------------------------------------------------------

constexpr record_kind kind_of(const click_tracked&) {
  return record_kind::click_tracked;
}
constexpr record_kind kind_of(const impressions_counted&) {
  return record_kind::impressions_counted;
}
constexpr record_kind kind_of(const account_adjusted&) {
  return record_kind::account_adjusted;
}
constexpr record_kind kind_of(const account_closed&) {
  return record_kind::account_closed;
}
constexpr record_kind kind_of(const settlement_recorded&) {
  return record_kind::settlement_recorded;
}
constexpr record_kind kind_of(const settlement_status_recorded&) {
  return record_kind::settlement_status_recorded;
}
constexpr record_kind kind_of(const settlement_deletion_recorded&) {
  return record_kind::settlement_deletion_recorded;
}

template<class Fact>
void put_body(std::string& out, const Fact& what) {
  put_head(out, kind_of(what));
  put_fields(out, what);
}

template<class Fact>
entry read_fact(byte_reader& in) {
  Fact what;
  read_fields(in, what);
  return what;
}

void put_object(std::string& out, const workspace_changed::object& what) {
  std::string bytes;
  encode_object(what, bytes);
  put_text(out, bytes);
}

void put_body(std::string& out, const workspace_changed& what) {
  put_head(out, record_kind::workspace_changed);
  put_byte(out, what.before ? has_before : 0);
  put_text(out, what.who);
  if (what.before) put_object(out, *what.before);
  put_object(out, what.after);
}

result<entry, std::string> read_workspace_changed(byte_reader& in) {
  const auto flags = in.byte();
  in.require((flags & ~has_before) == 0, "an unknown flag is set");
  const auto who = in.text();
  const auto before_bytes = (flags & has_before) != 0 ? in.text() : std::string_view{};
  const auto after_bytes = in.text();
  if (in.failed()) return in.problem();
  auto after = decode_object(after_bytes);
  if (!after) return after.error();
  if ((flags & has_before) == 0) return entry(workspace_changed{who, std::nullopt, std::move(*after)});
  auto before = decode_object(before_bytes);
  if (!before) return before.error();
  return entry(workspace_changed{who, std::move(*before), std::move(*after)});
}

result<entry, std::string> read_body(record_kind kind, byte_reader& in) {
  switch (kind) {
  case record_kind::player_registered: return read_registered(in);
  case record_kind::player_attributed: return read_attributed(in);
  case record_kind::movement_recorded: return read_movement(in);
  case record_kind::click_tracked: return read_fact<click_tracked>(in);
  case record_kind::workspace_changed: return read_workspace_changed(in);
  case record_kind::impressions_counted: return read_fact<impressions_counted>(in);
  case record_kind::account_adjusted: return read_fact<account_adjusted>(in);
  case record_kind::account_closed: return read_fact<account_closed>(in);
  case record_kind::settlement_recorded: return read_fact<settlement_recorded>(in);
  case record_kind::settlement_status_recorded: return read_fact<settlement_status_recorded>(in);
  case record_kind::settlement_deletion_recorded: return read_fact<settlement_deletion_recorded>(in);
  }
  return std::string("the kind of the record is unknown");
}

} // namespace

void encode(const entry& what, std::string& out) {
  std::visit([&out](const auto& fact) { put_body(out, fact); }, what);
}

void encode(const movement_recorded& what, std::string& out) {
  // Room at once for what records usually are: growing step by step would copy the record five times.
  constexpr std::size_t usual_head_bytes = 64;
  constexpr std::size_t usual_change_bytes = 24;
  const auto numbers = what.changes.size() + (what.frame ? what.frame->balances.size() : 0);
  out.reserve(out.size() + usual_head_bytes + numbers * usual_change_bytes + what.request_id.size() +
              what.payload.size());
  put_body(out, what);
}

result<entry, std::string> decode(std::string_view record) {
  byte_reader in(record);
  const auto kind = static_cast<record_kind>(in.byte());
  const auto version = in.byte();
  if (in.failed()) return in.problem();
  if (version != record_version)
    return "the record has version " + std::to_string(version) + ", this build knows version 1";
  auto decoded = read_body(kind, in);
  in.expect_end();
  if (decoded && in.failed()) return in.problem();
  return decoded;
}

result<committed_entry, std::string> decode_committed(sequence at, timestamp time, std::string_view record) {
  auto decoded = decode(record);
  if (!decoded) return decoded.error();
  if (auto* registered = std::get_if<player_registered>(&*decoded)) {
    auto& profile = registered->profile;
    profile.registered_at = time;
    profile.registered_entry = at;
    if (profile.affiliate.value != 0) profile.attributed_entry = at;
  } else if (auto* attributed = std::get_if<player_attributed>(&*decoded)) {
    attributed->profile.attributed_entry = at;
  } else if (auto* movement = std::get_if<movement_recorded>(&*decoded);
             movement != nullptr && movement->joined != profile_change::none) {
    auto& profile = movement->profile;
    if (movement->joined == profile_change::created) {
      profile.registered_at = time;
      profile.registered_entry = at;
    }
    if (profile.affiliate.value != 0) profile.attributed_entry = at;
  }
  return committed_entry{at, time, std::move(*decoded)};
}

bool is_movement(std::string_view record) noexcept {
  return !record.empty() &&
         static_cast<std::uint8_t>(record[0]) == static_cast<std::uint8_t>(record_kind::movement_recorded);
}

} // namespace croupier::persistence
