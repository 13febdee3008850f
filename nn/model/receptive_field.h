#pragma once

#include "nn/model/infer.h"

namespace nn {

/// What the units of a layer see along one axis of the input image: unit `i` sees `size` pixels
/// from `start + i * jump` on. Padding makes `start` negative.
struct FieldAxis {
    std::int64_t size = 1;
    std::int64_t jump = 1;
    std::int64_t start = 0;
    bool operator==(const FieldAxis&) const = default;
};

/// The receptive field of a layer's units in an input image.
struct ReceptiveField {
    FieldAxis vertical;
    FieldAxis horizontal;
    /// Every unit sees the whole image: `size` is the image, `jump` is 0.
    bool global = false;
    bool operator==(const ReceptiveField&) const = default;
};

/// For people: "5×5", "whole image".
[[nodiscard]] std::string fieldText(const ReceptiveField& field);

/// A rectangle of pixels; parts may lie outside of the image.
struct PixelWindow {
    std::int64_t top = 0;
    std::int64_t left = 0;
    std::int64_t height = 1;
    std::int64_t width = 1;
    bool operator==(const PixelWindow&) const = default;
};
/// What the unit at (row, column) of a feature map sees.
[[nodiscard]] PixelWindow windowOf(const ReceptiveField& field, std::int64_t row,
                                   std::int64_t column);

/// The fields of all layers that depend on an input image. Where branches meet, a unit sees the
/// smallest rectangle around what it sees through each.
[[nodiscard]] std::unordered_map<NodeId, ReceptiveField>
receptiveFields(const Graph& graph, const Inference& inference, NodeId input);

} // namespace nn
