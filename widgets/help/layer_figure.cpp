#include "widgets/help/layer_figure.h"

#include "widgets/help/number_grid.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kMargin = 16.0;
constexpr double kTitle = 24.0;
constexpr double kMiddle = 132.0; // between what goes in and what comes out
constexpr double kGap = 12.0;     // between several inputs
constexpr double kArrow = 5.0;
constexpr QSizeF kCurve(196.0, 150.0);
constexpr QSizeF kSmallCurve(112.0, 92.0);
constexpr int kCurvesInARow = 5;

/// Where everything of a figure with numbers stands.
struct Placed {
    std::vector<NumberGrid> inputs;
    NumberGrid output;
    std::optional<NumberGrid> kernel;
    QSizeF size;
};

bool hasWindow(const LayerFigure& figure) {
    return figure.window.kernel != nn::Size2{1, 1};
}

/// A long name in two lines, broken between its words: a wide figure is shown small.
QString titleText(const LayerFigure& figure) {
    constexpr qsizetype kLongest = 28;
    QString title = figure.title;
    qsizetype best = 0;
    for (qsizetype at = 1; at < title.size(); ++at) {
        const bool isWord = title[at].isUpper() && title[at - 1].isLower();
        if (isWord && std::abs(2 * at - title.size()) < std::abs(2 * best - title.size())) {
            best = at;
        }
    }
    return title.size() > kLongest && best > 0 ? title.insert(best, u'\n') : title;
}

double titleWidth(const LayerFigure& figure) {
    const TextRole role = figure.kernel.empty() ? TextRole::Small : TextRole::Heading;
    return QFontMetricsF(Theme::light().font(role, QFont())).size(0, titleText(figure)).width();
}

int squareSide(std::size_t cells) {
    return std::max(1, static_cast<int>(std::lround(std::sqrt(static_cast<double>(cells)))));
}

Placed placed(const LayerFigure& figure) {
    Placed all{.inputs = {}, .output = NumberGrid(*figure.output), .kernel = {}, .size = {}};
    double inputWidth = 0.0;
    double inputHeight = -kGap;
    for (const FigureTensor& input : figure.inputs) {
        all.inputs.emplace_back(input);
        inputWidth = std::max(inputWidth, all.inputs.back().size().width());
        inputHeight += all.inputs.back().size().height() + kGap;
    }
    if (!figure.kernel.empty()) {
        // A transposed convolution has filters, but no window that slides over its input.
        const int columns = hasWindow(figure) ? static_cast<int>(figure.window.kernel.width)
                                              : squareSide(figure.kernel.size());
        all.kernel.emplace(figure.kernel, static_cast<int>(figure.kernel.size()) / columns,
                           columns);
    }
    const double middle = all.inputs.empty()
                              ? kMiddle / 2.0
                              : std::max({kMiddle, titleWidth(figure) + 32.0,
                                          all.kernel ? all.kernel->size().width() + 56.0 : 0.0});
    const double height =
        std::max({inputHeight, all.output.size().height(),
                  all.kernel ? all.kernel->size().height() + 2.0 * kTitle : 0.0, 64.0});
    double y = kMargin + (height - inputHeight) / 2.0;
    for (NumberGrid& input : all.inputs) {
        input.moveTo({kMargin + (inputWidth - input.size().width()) / 2.0, y});
        y += input.size().height() + kGap;
    }
    const double outputX = kMargin + inputWidth + middle;
    all.output.moveTo({outputX, kMargin + (height - all.output.size().height()) / 2.0});
    if (all.kernel) {
        const QSizeF size = all.kernel->size();
        all.kernel->moveTo({kMargin + inputWidth + (middle - size.width()) / 2.0,
                            kMargin + (height - size.height()) / 2.0});
    }
    constexpr double kRoomForCaption = 32.0;
    all.size = {outputX + std::max(all.output.size().width(), kRoomForCaption) + kMargin,
                height + 2.0 * kMargin};
    return all;
}

void paintArrow(QPainter& painter, QPointF from, QPointF to, const QColor& color) {
    painter.setPen(QPen(color, 1.5));
    painter.drawLine(from, to);
    QPainterPath head(to);
    head.lineTo(to + QPointF(-kArrow * 1.6, -kArrow));
    head.lineTo(to + QPointF(-kArrow * 1.6, kArrow));
    head.closeSubpath();
    painter.fillPath(head, color);
}

/// The cells one output is computed from, and that output.
void paintWindow(QPainter& painter, const Placed& all, const nn::Window& window,
                 const Theme& theme) {
    const NumberGrid& input = all.inputs.front();
    if (!input.isImage() || !all.output.isImage()) {
        return;
    }
    const int row = std::min(all.output.rows() / 2, 7);
    const int column = std::min(all.output.columns() / 2, 7);
    const auto top = static_cast<double>(row * window.strides.height - window.padTop);
    const auto left = static_cast<double>(column * window.strides.width - window.padLeft);
    const auto height = static_cast<double>((window.kernel.height - 1) * window.dilation.height);
    const auto width = static_cast<double>((window.kernel.width - 1) * window.dilation.width);
    const bool isInside = top >= -height && left >= -width && top + height <= 9.0 &&
                          left + width <= 9.0 && top < input.rows() && left < input.columns();
    if (!isInside) {
        return; // a layer that makes images larger has no such window
    }
    const QRectF place = input.cell(top, left).united(input.cell(top + height, left + width));
    const QRectF result = all.output.cell(row, column);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.focus, 1.0, Qt::DotLine));
    painter.drawLine(place.topRight(), result.topLeft());
    painter.drawLine(place.bottomRight(), result.bottomLeft());
    painter.setPen(QPen(theme.focus, 2.0));
    painter.drawRect(place);
    painter.drawRect(result);
    if (window.dilation != nn::Size2{1, 1}) {
        for (std::int64_t y = 0; y < window.kernel.height; ++y) {
            for (std::int64_t x = 0; x < window.kernel.width; ++x) {
                painter.drawRect(input.cell(top + static_cast<double>(y * window.dilation.height),
                                            left + static_cast<double>(x * window.dilation.width)));
            }
        }
    }
}

void paintNumbers(QPainter& painter, const LayerFigure& figure, const Theme& theme,
                  const QFont& font) {
    const Placed all = placed(figure);
    for (const NumberGrid& input : all.inputs) {
        input.paint(painter, theme);
    }
    all.output.paint(painter, theme);
    const QRectF output = all.output.cells();
    double from = kMargin;
    for (const NumberGrid& input : all.inputs) {
        from = std::max(from, input.cells().right() + 12.0);
    }
    const double to = output.left() - 6.0;
    const double y = output.center().y();
    if (!all.inputs.empty() && hasWindow(figure)) {
        paintWindow(painter, all, figure.window, theme);
    }
    const QRectF middle(from, y, to - from, 0.0);
    if (all.kernel) {
        const QRectF box = all.kernel->cells();
        all.kernel->paint(painter, theme);
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(box.left() - 40.0, box.bottom(), box.width() + 80.0, kTitle),
                         Qt::AlignCenter, QCoreApplication::translate("LayerFigure", "one filter"));
        painter.setFont(theme.font(TextRole::Heading, font));
        painter.setPen(theme.text);
        painter.drawText(QRectF(box.left() - 60.0, box.top() - kTitle, box.width() + 120.0, kTitle),
                         Qt::AlignCenter, figure.title);
        return;
    }
    paintArrow(painter, {from, y}, {to, y}, theme.wire);
    painter.setFont(theme.font(TextRole::Small, font));
    painter.setPen(theme.text);
    painter.drawText(middle.adjusted(-30.0, -2.0 * kTitle, 30.0, -4.0),
                     Qt::AlignHCenter | Qt::AlignBottom, titleText(figure));
}

/// How far a curve is drawn up and down.
QRectF rangeOf(const QPolygonF& points) {
    const QRectF bounds = points.boundingRect();
    const double low = std::max(std::floor(std::min(bounds.top(), -0.2) * 2.0) / 2.0, -4.0);
    const double high = std::min(std::ceil(std::max(bounds.bottom(), 0.2) * 2.0) / 2.0, 4.0);
    return {bounds.left(), low, bounds.width(), high - low};
}

/// Without points that lie on the line between others: round joints cost more than all the rest.
QPolygonF simplified(const QPolygonF& line) {
    constexpr double kVisible = 0.1; // pixels
    QPolygonF kept;
    qsizetype from = 0;
    for (qsizetype to = 1; to < line.size(); ++to) {
        const QLineF chord(line[from], line[to]);
        const bool isStraight =
            std::all_of(line.begin() + from + 1, line.begin() + to, [&chord](const QPointF& point) {
                const QPointF across = chord.normalVector().unitVector().p2() - chord.p1();
                return std::abs(QPointF::dotProduct(point - chord.p1(), across)) <= kVisible;
            });
        if (!isStraight) {
            kept << line[from];
            from = to - 1;
        }
    }
    return kept << line.value(from) << line.value(line.size() - 1);
}

void paintCurve(QPainter& painter, const FigureCurve& curve, const QRectF& place,
                const Theme& theme) {
    const QRectF title(place.left(), place.top(), place.width(), kTitle);
    const QRectF area = place.adjusted(4.0, kTitle, -4.0, -14.0);
    const QRectF range = rangeOf(curve.points);
    const auto at = [&](QPointF point) {
        return QPointF(area.left() + (point.x() - range.left()) / range.width() * area.width(),
                       area.bottom() - (point.y() - range.top()) / range.height() * area.height());
    };
    painter.setPen(theme.border);
    painter.setBrush(theme.plotBackground);
    painter.drawRect(area);
    painter.setPen(theme.plotAxis);
    painter.drawLine(at({range.left(), 0.0}), at({range.right(), 0.0}));
    painter.drawLine(at({0.0, range.top()}), at({0.0, range.bottom()}));
    QPolygonF shown;
    for (const QPointF& point : curve.points) {
        shown << at({point.x(), std::clamp(point.y(), range.top(), range.bottom())});
    }
    painter.setPen(QPen(theme.accent, 2.0, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(simplified(shown));
    painter.setPen(theme.text);
    painter.drawText(title, Qt::AlignCenter, curve.name);
    painter.setPen(theme.mutedText);
    const QRectF scale(area.left(), area.bottom(), area.width(), 14.0);
    painter.drawText(scale, Qt::AlignLeft | Qt::AlignVCenter, QString::number(range.left()));
    painter.drawText(scale, Qt::AlignRight | Qt::AlignVCenter, QString::number(range.right()));
    painter.drawText(area.adjusted(3.0, 1.0, -3.0, -1.0), Qt::AlignLeft | Qt::AlignTop,
                     QString::number(range.bottom()));
}

QSizeF curveSize(const LayerFigure& figure) {
    return figure.curves.size() == 1 ? kCurve : kSmallCurve;
}

} // namespace

QSize layerFigureSize(const LayerFigure& figure) {
    if (!figure.curves.empty()) {
        const auto count = static_cast<int>(figure.curves.size());
        const QSizeF one = curveSize(figure);
        const int columns = std::min(count, kCurvesInARow);
        const int rows = (count + columns - 1) / columns;
        return QSizeF(columns * one.width() + 2.0 * kMargin, rows * one.height() + 2.0 * kMargin)
            .toSize();
    }
    return figure.output ? placed(figure).size.toSize() : QSize();
}

void paintLayerFigure(QPainter& painter, const LayerFigure& figure, const Theme& theme) {
    painter.setRenderHint(QPainter::Antialiasing);
    const QFont font = painter.font();
    painter.setFont(theme.font(TextRole::Small, font));
    if (!figure.curves.empty()) {
        const QSizeF one = curveSize(figure);
        for (std::size_t i = 0; i < figure.curves.size(); ++i) {
            const auto index = static_cast<int>(i);
            const QPointF corner(kMargin + (index % kCurvesInARow) * one.width(),
                                 kMargin + (index / kCurvesInARow) * one.height());
            paintCurve(painter, figure.curves[i], QRectF(corner, one), theme);
        }
    } else if (figure.output) {
        paintNumbers(painter, figure, theme, font);
    }
}

QImage layerFigureImage(const LayerFigure& figure, const Theme& theme, qreal devicePixelRatio) {
    const QSize size = layerFigureSize(figure);
    if (size.isEmpty()) {
        return {};
    }
    QImage image(size * devicePixelRatio, QImage::Format_ARGB32_Premultiplied);
    image.fill(theme.base);
    QPainter painter(&image);
    painter.scale(devicePixelRatio, devicePixelRatio); // also below 1: a narrow panel
    paintLayerFigure(painter, figure, theme);
    painter.end();
    image.setDevicePixelRatio(devicePixelRatio);
    return image;
}

} // namespace widgets
