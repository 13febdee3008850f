#include "widgets/category_tile.h"

#include "widgets/icons.h"
#include "widgets/text.h"

#include <QPainter>

namespace widgets {

QPixmap categoryTile(nn::Category category, int side, const Theme& theme, qreal devicePixelRatio) {
    const auto index = static_cast<std::size_t>(category);
    QPixmap tile(QSize(side, side) * devicePixelRatio);
    tile.setDevicePixelRatio(devicePixelRatio);
    tile.fill(Qt::transparent);
    QPainter painter(&tile);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.categories[index]);
    const qreal radius = side / 5.0;
    painter.drawRoundedRect(QRectF(0, 0, side, side), radius, radius);
    const int inset = side / 8;
    painter.drawPixmap(inset, inset,
                       iconPixmap(fromUtf8(kCategoryNames[index]), theme.card, side - 2 * inset,
                                  devicePixelRatio));
    return tile;
}

} // namespace widgets
