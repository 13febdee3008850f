#pragma once

#include "nn/tensor/shape.h"

#include <cstddef>
#include <memory>
#include <span>

namespace nn {

/// Where every tensor starts: one cache line, one AVX-512 vector.
inline constexpr std::size_t kTensorAlignment = 64;

/// A block of float32 in C order; images are NHWC. A value: copying copies the numbers.
class Tensor {
public:
    Tensor() = default;
    /// All zero. `shape` must be known; it includes the batch where there is one.
    explicit Tensor(Shape shape);
    Tensor(Shape shape, std::span<const float> values);

    Tensor(const Tensor& other);
    Tensor& operator=(const Tensor& other);
    Tensor(Tensor&&) noexcept = default;
    Tensor& operator=(Tensor&&) noexcept = default;
    ~Tensor() = default;

    [[nodiscard]] const Shape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t size() const { return m_size; }
    [[nodiscard]] bool isEmpty() const { return m_size == 0; }
    [[nodiscard]] std::span<float> values() {
        return {m_data.get(), static_cast<std::size_t>(m_size)};
    }
    [[nodiscard]] std::span<const float> values() const {
        return {m_data.get(), static_cast<std::size_t>(m_size)};
    }
    /// The same numbers under another shape with as many elements.
    [[nodiscard]] Tensor reshaped(Shape shape) const;

    bool operator==(const Tensor& other) const;

private:
    struct Free {
        void operator()(float* data) const;
    };

    Shape m_shape;
    std::int64_t m_size = 0;
    std::unique_ptr<float[], Free> m_data;
};

} // namespace nn
