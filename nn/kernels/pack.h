#pragma once

#include <cstdint>

namespace nn {

/// A matrix of `rows` × `columns` values, `columns` up to 16, becomes one panel [rows][16] with
/// zeros behind the last column. `stride`: floats from one line of the source to the next.
struct PanelSource {
    const float* from = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
};

/// Lines of the source are rows of the panel.
void packPanel(const PanelSource& source, float* to);

/// Any number of columns, one panel after the other; the source is read line by line.
void packPanels(const PanelSource& source, float* to);

/// Lines of the source are columns of the panel.
void packPanelTransposed(const PanelSource& source, float* to);

} // namespace nn
