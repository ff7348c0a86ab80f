// TensorFlow's newer libraries log through Abseil, which does not read TF_CPP_MIN_LOG_LEVEL. Compiled into
// the binding, this hands the level over when the binding is loaded. The reference is weak, so that the
// binding also loads with libraries that still read the variable themselves.
#include <cstdlib>

#if __has_include("absl/log/globals.h")
#include "absl/log/globals.h"

namespace absl {
ABSL_NAMESPACE_BEGIN
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast severity);
ABSL_NAMESPACE_END
}  // namespace absl

namespace {

__attribute__((constructor)) void ApplyLogLevel() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || absl::SetMinLogLevel == nullptr) return;
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
}

}  // namespace
#endif
