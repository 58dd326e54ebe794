#include "http/when_answered.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace croupier::http {

namespace {

class pending_writes final : public pending_answer {
public:
  using renderer = std::function<response(const std::vector<actors::outcome>&)>;

  pending_writes(actors::submission sent, renderer render) : sent_(std::move(sent)), render_(std::move(render)) {}

  std::optional<response> take(const std::function<void()>& wake) override {
    if (!sent_.ready_or_call(wake)) return std::nullopt;
    return give_up();
  }

  /// Whatever is not answered by now reads deadline_passed.
  response give_up() override { return render_(sent_.wait(std::chrono::steady_clock::now())); }

private:
  actors::submission sent_;
  const renderer render_;
};

} // namespace

response when_all_answered(actors::submission sent,
                           std::function<response(const std::vector<actors::outcome>&)> render) {
  response later;
  later.pending = std::make_shared<pending_writes>(std::move(sent), std::move(render));
  return later;
}

response when_answered(actors::submission sent, std::function<response(const actors::outcome&)> render) {
  return when_all_answered(std::move(sent), [render = std::move(render)](const std::vector<actors::outcome>& outcomes) {
    return render(outcomes.front());
  });
}

} // namespace croupier::http
