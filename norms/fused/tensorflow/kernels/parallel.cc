#include "parallel.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace normbench {
namespace {

using Body = std::function<void(int64_t)>;

// Elements that one thread works through in the time that it takes to wake another.
constexpr int64_t kWorthAPart = 32768;

// More than one, so that threads that are held up leave parts to the others.
constexpr int64_t kPartsPerThread = 4;

// TensorFlow's own setting, else the number of processors.
int64_t CountThreads() {
  const char* setting = std::getenv("TF_NUM_INTRAOP_THREADS");
  const int64_t asked = setting == nullptr ? 0 : std::atoll(setting);
  if (asked > 0) return asked;
  return std::max<int64_t>(1, std::thread::hardware_concurrency());
}

// Threads that wait for work. It is never destroyed, because its threads outlive `main`.
//
// Each idle thread takes the next part, the caller included. So no part waits for a thread that the
// system has yet to wake.
class Pool {
 public:
  static Pool& Get() {
    static Pool* pool = new Pool(CountThreads());
    return *pool;
  }

  int64_t threads() const { return threads_; }

  void Run(int64_t parts, const Body& body) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    if (!turn.owns_lock() || parts == 1 || threads_ == 1) {
      for (int64_t part = 0; part < parts; part++) body(part);
      return;
    }
    std::unique_lock<std::mutex> lock(mutex_);
    body_ = &body;
    parts_ = unfinished_ = parts;
    next_ = 0;
    wake_.notify_all();
    while (next_ < parts_) Work(lock);
    done_.wait(lock, [this] { return unfinished_ == 0; });
  }

 private:
  explicit Pool(int64_t threads) : threads_(threads) {
    for (int64_t i = 1; i < threads; i++) std::thread([this] { Serve(); }).detach();
  }

  void Serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return next_ < parts_; });
      Work(lock);
    }
  }

  // Does the next part, without the lock.
  void Work(std::unique_lock<std::mutex>& lock) {
    const Body& body = *body_;
    const int64_t part = next_++;
    lock.unlock();
    body(part);
    lock.lock();
    if (--unfinished_ == 0) done_.notify_one();
  }

  const int64_t threads_;
  std::mutex turn_;  // Held by the one caller that has the threads.
  std::mutex mutex_;  // Of everything below.
  std::condition_variable wake_;
  std::condition_variable done_;
  const Body* body_ = nullptr;
  int64_t parts_ = 0;
  int64_t next_ = 0;
  int64_t unfinished_ = 0;
};

}  // namespace

int64_t Threads() { return Pool::Get().threads(); }

int64_t Parts(int64_t elements) {
  const int64_t threads = Threads();
  if (threads == 1) return 1;
  return std::clamp<int64_t>(elements / kWorthAPart, 1, threads * kPartsPerThread);
}

void Parallel(int64_t parts, const Body& body) {
  Pool::Get().Run(parts, body);
}

}  // namespace normbench
