#pragma once

#include "engine/affiliate_account.hpp"
#include "engine/result.hpp"

#include <string>
#include <string_view>

namespace croupier::persistence {

/// The bytes of an account, as the saved books keep it: its fields in their order (see field_codec.hpp).
std::string encode_account(const affiliate_account& account);

/// The account that these bytes are; the error says what is wrong with them.
result<affiliate_account, std::string> decode_account(std::string_view bytes);

} // namespace croupier::persistence
