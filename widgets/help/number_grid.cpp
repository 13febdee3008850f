#include "widgets/help/number_grid.h"

#include "widgets/text.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kCell = 30.0;
constexpr double kSheetStep = 4.0; // between the sheets of an image's channels
constexpr int kMostSheets = 3;
constexpr int kMostRows = 8;
constexpr int kMostColumns = 8;
constexpr double kCaption = 20.0;
constexpr double kDots = 14.0;

QColor mixed(const QColor& from, const QColor& to, double share) {
    const auto part = [share](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * share));
    };
    return {part(from.red(), to.red()), part(from.green(), to.green()),
            part(from.blue(), to.blue())};
}

QString numberOf(float value) {
    const double size = std::abs(static_cast<double>(value));
    const int decimals = size >= 10.0 ? 0 : size >= 1.0 ? 1 : 2;
    QString text = QString::number(static_cast<double>(value), 'f', decimals);
    if (text.contains(u'.')) {
        while (text.endsWith(u'0')) {
            text.chop(1);
        }
        if (text.endsWith(u'.')) {
            text.chop(1);
        }
    }
    return text == QStringLiteral("-0") ? QStringLiteral("0") : text.replace(u'-', QChar(0x2212));
}

} // namespace

NumberGrid::NumberGrid(const FigureTensor& tensor) {
    const nn::Shape& shape = tensor.shape;
    const auto extent = [&shape](std::size_t axis) { return static_cast<int>(shape[axis]); };
    m_caption = fromUtf8(nn::shapeText(shape));
    std::size_t stride = 1;
    if (shape.rank() >= 3) {
        m_isImage = shape.rank() == 3;
        m_rows = extent(shape.rank() - 3);
        m_columns = extent(shape.rank() - 2);
        m_sheets = extent(shape.rank() - 1);
        stride = static_cast<std::size_t>(m_sheets);
    } else if (shape.rank() == 2) {
        m_rows = extent(0);
        m_columns = extent(1);
    } else {
        m_rows = shape.rank() == 1 ? extent(0) : 1;
        m_columns = 1;
    }
    const auto count = static_cast<std::size_t>(m_rows) * static_cast<std::size_t>(m_columns);
    for (std::size_t i = 0; i < count && i * stride < tensor.values.size(); ++i) {
        m_values.push_back(tensor.values[i * stride]);
    }
    m_values.resize(count, 0.0F);
}

NumberGrid::NumberGrid(std::vector<float> values, int rows, int columns)
    : m_values(std::move(values)), m_rows(rows), m_columns(columns) {
    m_values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), 0.0F);
}

int NumberGrid::shownRows() const {
    return std::min(m_rows, kMostRows);
}

int NumberGrid::shownColumns() const {
    return std::min(m_columns, kMostColumns);
}

QSizeF NumberGrid::size() const {
    const double behind = kSheetStep * (std::min(m_sheets, kMostSheets) - 1);
    const QSizeF cells(shownColumns() * kCell + (m_columns > kMostColumns ? kDots : 0.0),
                       shownRows() * kCell + (m_rows > kMostRows ? kDots : 0.0));
    return cells + QSizeF(behind, behind + (m_caption.isEmpty() ? 0.0 : kCaption));
}

QRectF NumberGrid::cells() const {
    const double behind = kSheetStep * (std::min(m_sheets, kMostSheets) - 1);
    return {m_at.x(), m_at.y() + behind, shownColumns() * kCell, shownRows() * kCell};
}

QRectF NumberGrid::cell(double row, double column) const {
    const QPointF origin = cells().topLeft();
    return {origin.x() + column * kCell, origin.y() + row * kCell, kCell, kCell};
}

void NumberGrid::paintCell(QPainter& painter, const Theme& theme, int row, int column,
                           float largest) const {
    const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(m_columns) +
                    static_cast<std::size_t>(column);
    const float value = m_values[at];
    constexpr double kStrongest = 0.5;
    const double share =
        largest > 0.0F ? kStrongest * std::abs(static_cast<double>(value / largest)) : 0.0;
    const QRectF place = cell(row, column);
    painter.setPen(theme.border);
    painter.setBrush(mixed(theme.base, value < 0.0F ? theme.warning : theme.accent, share));
    painter.drawRect(place);
    painter.setPen(theme.text);
    const QString text = numberOf(value);
    const QFont font = painter.font();
    if (const double width = painter.fontMetrics().horizontalAdvance(text) + 3.0; width > kCell) {
        QFont smaller = font;
        smaller.setPointSizeF(font.pointSizeF() * kCell / width);
        painter.setFont(smaller);
    }
    painter.drawText(place, Qt::AlignCenter, text);
    painter.setFont(font);
}

void NumberGrid::paint(QPainter& painter, const Theme& theme) const {
    const QRectF front = cells();
    painter.setPen(theme.border);
    painter.setBrush(theme.alternateBase);
    for (int sheet = std::min(m_sheets, kMostSheets) - 1; sheet > 0; --sheet) {
        painter.drawRect(front.translated(sheet * kSheetStep, -sheet * kSheetStep));
    }
    float largest = 0.0F;
    for (const float value : m_values) {
        largest = std::max(largest, std::abs(value));
    }
    for (int row = 0; row < shownRows(); ++row) {
        for (int column = 0; column < shownColumns(); ++column) {
            paintCell(painter, theme, row, column, largest);
        }
    }
    painter.setPen(theme.mutedText);
    if (m_rows > kMostRows) {
        painter.drawText(QRectF(front.left(), front.bottom(), front.width(), kDots),
                         Qt::AlignCenter, QStringLiteral("⋮"));
    }
    if (m_columns > kMostColumns) {
        painter.drawText(QRectF(front.right(), front.top(), kDots, front.height()), Qt::AlignCenter,
                         QStringLiteral("…"));
    }
    const double below = front.bottom() + (m_rows > kMostRows ? kDots : 0.0);
    painter.drawText(QRectF(front.center().x() - 80.0, below, 160.0, kCaption), Qt::AlignCenter,
                     m_caption);
}

} // namespace widgets
