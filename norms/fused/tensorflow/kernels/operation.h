// Operations as classes: what TensorFlow's C interface wants of each, written once.
#ifndef NORMBENCH_OPERATION_H_
#define NORMBENCH_OPERATION_H_

#include <exception>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow_c.h"

namespace normbench {

using Shape = std::vector<int64_t>;

inline int64_t Size(const Shape& shape) {
  int64_t size = 1;
  for (int64_t length : shape) size *= length;
  return size;
}

// A status that throws what it was told.
class Status {
 public:
  ~Status() { TF_DeleteStatus(status_); }
  operator TF_Status*() const { return status_; }
  void Check() const {
    if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_ = TF_NewStatus();
};

// The values of a float32 tensor, and the tensor for as long as they are used.
class Array {
 public:
  Array(TF_Tensor* tensor) : tensor_(tensor, TF_DeleteTensor) {
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) shape_.push_back(TF_Dim(tensor, axis));
  }
  const Shape& shape() const { return shape_; }
  int64_t size() const { return Size(shape_); }
  float* data() const { return static_cast<float*>(TF_TensorData(tensor_.get())); }

 private:
  std::unique_ptr<TF_Tensor, void (*)(TF_Tensor*)> tensor_;
  Shape shape_;
};

// The attributes that a kernel is made with.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  int64_t Int(const char* name) const {
    return Get<int64_t>(TF_OpKernelConstruction_GetAttrInt64, name);
  }
  float Float(const char* name) const {
    return Get<float>(TF_OpKernelConstruction_GetAttrFloat, name);
  }
  bool Bool(const char* name) const {
    return Get<unsigned char>(TF_OpKernelConstruction_GetAttrBool, name) != 0;
  }

 private:
  template <class T>
  T Get(void (*read)(TF_OpKernelConstruction*, const char*, T*, TF_Status*),
        const char* name) const {
    T value;
    Status status;
    read(construction_, name, &value, status);
    status.Check();
    return value;
  }
  TF_OpKernelConstruction* construction_;
};

// One run of a kernel: its inputs and outputs, in the order in which the operation names them.
class Run {
 public:
  explicit Run(TF_OpKernelContext* context) : context_(context) {}
  Array Input(int index) const {
    TF_Tensor* tensor = nullptr;
    Status status;
    TF_GetInput(context_, index, &tensor, status);
    status.Check();
    return Array(tensor);
  }
  // An input that must have `size` elements, for the kernel to stay within it.
  Array Input(int index, int64_t size) const {
    Array array = Input(index);
    if (array.size() != size) {
      throw std::invalid_argument("input " + std::to_string(index) + " has " +
                                  std::to_string(array.size()) + " elements instead of " +
                                  std::to_string(size));
    }
    return array;
  }
  Array Output(int index, const Shape& shape) const {
    Status status;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(),
                                          static_cast<int>(shape.size()),
                                          Size(shape) * sizeof(float), status);
    status.Check();
    return Array(tensor);
  }

 private:
  TF_OpKernelContext* context_;
};

// gamma and beta, inputs from `first` on, of those that there are; null where one is switched off.
class Parameters {
 public:
  Parameters(const Run& run, int first, bool scale, bool center, int64_t size) : scale_(scale) {
    for (int i = 0; i < scale + center; i++) arrays_.push_back(run.Input(first + i, size));
  }
  const float* gamma() const { return scale_ ? arrays_.front().data() : nullptr; }
  const float* beta() const { return arrays_.size() > scale_ ? arrays_.back().data() : nullptr; }

 private:
  const bool scale_;
  std::vector<Array> arrays_;
};

using Specifications = std::initializer_list<const char*>;

// Tells TensorFlow of the operation `name`, computed on the processor by `Kernel`, which is made of
// `Attributes` and called with a `Run`.
template <class Kernel>
class Operation {
 public:
  Operation(const char* name, Specifications attributes, Specifications inputs,
            Specifications outputs) {
    TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
    for (auto text : attributes) TF_OpDefinitionBuilderAddAttr(definition, text);
    for (auto text : inputs) TF_OpDefinitionBuilderAddInput(definition, text);
    for (auto text : outputs) TF_OpDefinitionBuilderAddOutput(definition, text);
    // Eager operations have the shapes that they allocate: none is inferred beforehand.
    TF_OpDefinitionBuilderSetShapeInferenceFunction(definition,
                                                    TF_ShapeInferenceContextSetUnknownShape);
    Status status;
    TF_RegisterOpDefinition(definition, status);
    if (TF_GetCode(status) != TF_OK) return;  // Then calls fail, and the backend says so.
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", Create, Compute, Delete),
                             status);
  }

 private:
  // Exceptions must not pass through C.
  static void* Create(TF_OpKernelConstruction* construction) {
    try {
      return new Kernel(Attributes(construction));
    } catch (const std::exception& error) {
      Status status;
      TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
      TF_OpKernelConstruction_Failure(construction, status);
      return nullptr;
    }
  }
  static void Compute(void* kernel, TF_OpKernelContext* context) {
    try {
      (*static_cast<const Kernel*>(kernel))(Run(context));
    } catch (const std::exception& error) {
      Status status;
      TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
      TF_OpKernelContext_Failure(context, status);
    }
  }
  static void Delete(void* kernel) { delete static_cast<Kernel*>(kernel); }
};

}  // namespace normbench

#endif  // NORMBENCH_OPERATION_H_
