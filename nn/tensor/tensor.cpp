#include "nn/tensor/tensor.h"

#include "nn/base/large_memory.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

namespace nn {
namespace {

static_assert(kTensorAlignment == kMemoryAlignment);

float* allocated(std::int64_t size) {
    if (size == 0) {
        return nullptr;
    }
    if (size >
        std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(sizeof(float))) {
        throw std::bad_alloc();
    }
    return static_cast<float*>(allocateMemory(static_cast<std::size_t>(size) * sizeof(float)));
}

} // namespace

void Tensor::Free::operator()(float* data) const {
    releaseMemory(data);
}

Tensor::Tensor(Shape shape)
    : m_shape(std::move(shape)), m_size(m_shape.count()), m_data(allocated(m_size)) {
    assert(m_shape.isKnown());
    std::fill_n(m_data.get(), m_size, 0.0F);
}

Tensor::Tensor(Shape shape, std::span<const float> values)
    : m_shape(std::move(shape)), m_size(m_shape.count()), m_data(allocated(m_size)) {
    assert(m_size == static_cast<std::int64_t>(values.size()));
    std::ranges::copy(values, m_data.get());
}

Tensor::Tensor(const Tensor& other)
    : m_shape(other.m_shape), m_size(other.m_size), m_data(allocated(other.m_size)) {
    std::copy_n(other.m_data.get(), m_size, m_data.get());
}

Tensor& Tensor::operator=(const Tensor& other) {
    if (this != &other) {
        if (m_size != other.m_size) {
            m_data.reset(allocated(other.m_size));
        }
        m_shape = other.m_shape;
        m_size = other.m_size;
        std::copy_n(other.m_data.get(), m_size, m_data.get());
    }
    return *this;
}

Tensor Tensor::reshaped(Shape shape) const {
    Tensor copy = *this;
    assert(shape.count() == m_size);
    copy.m_shape = std::move(shape);
    return copy;
}

bool Tensor::operator==(const Tensor& other) const {
    return m_shape == other.m_shape && std::ranges::equal(values(), other.values());
}

} // namespace nn
