#pragma once

#include <QColor>
#include <QString>
#include <array>

namespace widgets {

enum class ColorMapName { Viridis, Cividis, Gray, BlueWhiteRed };

/// Colours for values scaled to 0 … 1: a table whose middle entry is exactly the map's centre.
class ColorMap {
public:
    static constexpr int kEntries = 257;

    explicit ColorMap(ColorMapName name);

    [[nodiscard]] ColorMapName name() const { return m_name; }
    [[nodiscard]] bool isDiverging() const { return m_name == ColorMapName::BlueWhiteRed; }
    /// Colour at 0 … 1; outside is clamped.
    [[nodiscard]] QRgb at(float position) const;
    [[nodiscard]] const std::array<QRgb, kEntries>& table() const { return m_table; }

private:
    ColorMapName m_name;
    std::array<QRgb, kEntries> m_table;
};

/// The ready table of a map.
[[nodiscard]] const ColorMap& colorMap(ColorMapName name);
[[nodiscard]] QString colorMapTitle(ColorMapName name);

} // namespace widgets
