#include "widgets/images/color_map.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <span>

namespace widgets {
namespace {

// Stops at equal distances, 0xRRGGBB.
constexpr std::array<QRgb, 10> kViridis = {0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E,
                                           0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725};
constexpr std::array<QRgb, 10> kCividis = {0x00204D, 0x00336F, 0x39486B, 0x575C6D, 0x707173,
                                           0x8A8779, 0xA69D75, 0xC4B56C, 0xE4CF5B, 0xFFEA46};
constexpr std::array<QRgb, 2> kGray = {0x000000, 0xFFFFFF};
constexpr std::array<QRgb, 11> kBlueWhiteRed = {0x053061, 0x2166AC, 0x4393C3, 0x92C5DE,
                                                0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582,
                                                0xD6604D, 0xB2182B, 0x67001F};

std::span<const QRgb> stopsOf(ColorMapName name) {
    switch (name) {
    case ColorMapName::Viridis:
        return kViridis;
    case ColorMapName::Cividis:
        return kCividis;
    case ColorMapName::Gray:
        return kGray;
    case ColorMapName::BlueWhiteRed:
        return kBlueWhiteRed;
    }
    Q_UNREACHABLE();
}

QRgb interpolated(std::span<const QRgb> stops, double position) {
    const double place = position * static_cast<double>(stops.size() - 1);
    const auto first = std::min(static_cast<std::size_t>(place), stops.size() - 2);
    const double weight = place - static_cast<double>(first);
    const auto mix = [&](int (*channel)(QRgb)) {
        const double a = channel(stops[first]);
        const double b = channel(stops[first + 1]);
        return static_cast<int>(std::lround(a + (b - a) * weight));
    };
    return qRgb(mix(qRed), mix(qGreen), mix(qBlue));
}

} // namespace

ColorMap::ColorMap(ColorMapName name) : m_name(name), m_table() {
    const std::span<const QRgb> stops = stopsOf(name);
    for (std::size_t i = 0; i < m_table.size(); ++i) {
        m_table[i] = interpolated(stops, static_cast<double>(i) / (kEntries - 1));
    }
}

QRgb ColorMap::at(float position) const {
    const float scaled = std::clamp(position, 0.0F, 1.0F) * static_cast<float>(kEntries - 1);
    return m_table[static_cast<std::size_t>(scaled + 0.5F)];
}

const ColorMap& colorMap(ColorMapName name) {
    static const std::array<ColorMap, 4> maps = {
        ColorMap(ColorMapName::Viridis), ColorMap(ColorMapName::Cividis),
        ColorMap(ColorMapName::Gray), ColorMap(ColorMapName::BlueWhiteRed)};
    return maps[static_cast<std::size_t>(name)];
}

QString colorMapTitle(ColorMapName name) {
    switch (name) {
    case ColorMapName::Viridis:
        return QCoreApplication::translate("ColorMap", "Viridis");
    case ColorMapName::Cividis:
        return QCoreApplication::translate("ColorMap", "Cividis");
    case ColorMapName::Gray:
        return QCoreApplication::translate("ColorMap", "Gray");
    case ColorMapName::BlueWhiteRed:
        return QCoreApplication::translate("ColorMap", "Blue–white–red");
    }
    Q_UNREACHABLE();
}

} // namespace widgets
