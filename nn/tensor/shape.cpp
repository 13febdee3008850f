#include "nn/tensor/shape.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace nn {

bool Shape::isKnown() const {
    return std::ranges::none_of(m_extents, [](std::int64_t extent) { return extent < 0; });
}

std::optional<std::int64_t> Shape::elements() const {
    std::int64_t product = 1;
    for (const std::int64_t extent : m_extents) {
        const std::optional<std::int64_t> next =
            extent < 0 ? std::nullopt : checkedProduct(product, extent);
        if (!next || *next > (std::int64_t{1} << 62)) {
            return std::nullopt;
        }
        product = *next;
    }
    return product;
}

std::int64_t Shape::count() const {
    return std::accumulate(m_extents.begin(), m_extents.end(), std::int64_t{1},
                           std::multiplies<>{});
}

Shape Shape::withBatch(std::int64_t batch) const {
    std::vector<std::int64_t> extents{batch};
    extents.insert(extents.end(), m_extents.begin(), m_extents.end());
    return Shape(std::move(extents));
}

std::optional<std::int64_t> checkedProduct(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) {
        return std::nullopt;
    }
    return product;
}

std::string shapeText(const Shape& shape) {
    std::string text;
    for (const std::int64_t extent : shape) {
        text += text.empty() ? "" : "×";
        text += extent < 0 ? "?" : std::to_string(extent);
    }
    return text.empty() ? "scalar" : text;
}

std::string kerasShapeText(const Shape& shape) {
    std::string text = "(None";
    for (const std::int64_t extent : shape) {
        text += extent < 0 ? ", None" : ", " + std::to_string(extent);
    }
    return text + (shape.rank() == 0 ? ",)" : ")");
}

} // namespace nn
