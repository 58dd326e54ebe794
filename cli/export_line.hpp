#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace croupier::cli {

/// The line for `croupier import` that records a movement again, from its row in the movements list. The body byte for
/// byte where it was one of POST /tracking/clients/v1/metrics/movements (line breaks between its tokens become spaces,
/// and a request id that came in a header is put in); else made from what the row says. No number is ever read as
/// floating point.
std::string export_line(const boost::json::object& row);

} // namespace croupier::cli
