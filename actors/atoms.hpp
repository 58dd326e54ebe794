#pragma once

#include <caf/atom.hpp>

namespace croupier::actors {

// Names of messages; interfaces.hpp says what each means.
using route_atom = caf::atom_constant<caf::atom("route")>;
using decide_atom = caf::atom_constant<caf::atom("decide")>;
using commit_atom = caf::atom_constant<caf::atom("commit")>;
using barrier_atom = caf::atom_constant<caf::atom("barrier")>;
using repair_atom = caf::atom_constant<caf::atom("repair")>;
using beat_atom = caf::atom_constant<caf::atom("beat")>;
using sweep_atom = caf::atom_constant<caf::atom("sweep")>;
using retire_atom = caf::atom_constant<caf::atom("retire")>;
using retired_atom = caf::atom_constant<caf::atom("retired")>;
using drop_atom = caf::atom_constant<caf::atom("drop")>;
using join_atom = caf::atom_constant<caf::atom("join")>;
using write_atom = caf::atom_constant<caf::atom("write")>;
using finish_atom = caf::atom_constant<caf::atom("finish")>;

using apply_atom = caf::atom_constant<caf::atom("apply")>;
using look_atom = caf::atom_constant<caf::atom("look")>;

} // namespace croupier::actors
