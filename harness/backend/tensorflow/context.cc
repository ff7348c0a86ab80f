// The binding of tfjs-node makes TensorFlow's eager context and keeps it to itself; functions can only be
// added to a context that one has. So this library is loaded before the binding, with its symbols for
// all: the binding's call of TFE_NewContext ends here, is passed on, and what it gives is remembered.
#include <dlfcn.h>

#include <initializer_list>

namespace {

// A worker has a thread, a binding and a context of its own.
thread_local void* context = nullptr;

// TensorFlow's own function; its library has been loaded before, under one of two names.
void* Genuine(const char* function) {
  for (const char* name : {"libtensorflow_cc.so.2", "libtensorflow.so.2"}) {
    void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (library != nullptr) return dlsym(library, function);
  }
  return nullptr;
}

}  // namespace

extern "C" void* TFE_NewContext(const void* options, void* status) {
  using NewContext = void* (*)(const void*, void*);
  return context = reinterpret_cast<NewContext>(Genuine("TFE_NewContext"))(options, status);
}

// The context of this thread; null where the binding has made none.
extern "C" void* NormbenchContext() { return context; }
