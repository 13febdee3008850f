#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace nn {

/// A dimension that is not known before the program runs (Keras' None).
inline constexpr std::int64_t kUnknown = -1;

/// The extents of a tensor, outermost first. Images are (height, width, channels); whether the
/// batch dimension is included is said where a Shape is used. In the model layer it never is.
class Shape {
public:
    Shape() = default;
    Shape(std::initializer_list<std::int64_t> extents) : m_extents(extents) {}
    explicit Shape(std::vector<std::int64_t> extents) : m_extents(std::move(extents)) {}

    [[nodiscard]] std::size_t rank() const { return m_extents.size(); }
    [[nodiscard]] std::int64_t operator[](std::size_t axis) const { return m_extents[axis]; }
    [[nodiscard]] std::int64_t& operator[](std::size_t axis) { return m_extents[axis]; }
    [[nodiscard]] std::int64_t back() const { return m_extents.back(); }
    [[nodiscard]] auto begin() const { return m_extents.begin(); }
    [[nodiscard]] auto end() const { return m_extents.end(); }
    [[nodiscard]] const std::vector<std::int64_t>& extents() const { return m_extents; }

    /// True when no extent is unknown.
    [[nodiscard]] bool isKnown() const;
    /// The product of all extents; nothing when one is unknown or the product exceeds 2^62.
    [[nodiscard]] std::optional<std::int64_t> elements() const;
    /// The product of all extents of a shape that is known and was checked before.
    [[nodiscard]] std::int64_t count() const;
    /// The same shape behind one more outer extent.
    [[nodiscard]] Shape withBatch(std::int64_t batch) const;

    bool operator==(const Shape&) const = default;

private:
    std::vector<std::int64_t> m_extents;
};

/// A product that says when it does not fit into 63 bits.
[[nodiscard]] std::optional<std::int64_t> checkedProduct(std::int64_t a, std::int64_t b);

/// For people: "26×26×32", "?×?×3".
[[nodiscard]] std::string shapeText(const Shape& shape);
/// As Keras prints it, with the batch in front: "(None, 26, 26, 32)".
[[nodiscard]] std::string kerasShapeText(const Shape& shape);

} // namespace nn
