#include "actors/books.hpp"

#include "actors/accounts.hpp"

#include <utility>
#include <vector>

namespace croupier::actors {

result<std::unique_ptr<books>, persistence::storage_error>
books::open(const std::filesystem::path& data_dir, const persistence::committed_view& view,
            persistence::projector::error_sink on_error, persistence::projector_options options, rocksdb::Env* env) {
  auto store = persistence::projection_store::open(data_dir / "projections", view, env);
  if (!store) return store.error();
  std::unique_ptr<books> made(new books);
  made->store_ = std::move(*store);
  made->audit_ = std::make_unique<persistence::audit_index>(*made->store_);
  made->reports_ = std::make_unique<persistence::report_books>(view, *made->store_);
  made->traits_ = std::make_unique<persistence::trait_book>(*made->store_);
  made->accounts_ = std::make_unique<accounts>(*made->store_, view);
  std::vector<persistence::projection*> all{made->audit_.get(), made->reports_.get(), made->traits_.get(),
                                            made->accounts_.get()};
  made->projector_ = std::make_unique<persistence::projector>(view, std::move(all), options, std::move(on_error));
  return made;
}

books::books() = default;
books::~books() = default;

void books::stop() {
  projector_->stop();
}

} // namespace croupier::actors
