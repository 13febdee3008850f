#include "app/two_line_delegate.h"

#include "widgets/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QPainter>

namespace app {

namespace {

using widgets::spacing::kUnit;

struct Fonts {
    QFont title;
    QFont detail;
};

Fonts fontsFor(const QStyleOptionViewItem& option) {
    const widgets::Theme& theme = widgets::Theme::of(option.palette);
    Fonts fonts{option.font, theme.font(widgets::TextRole::Small, option.font)};
    fonts.title.setBold(true);
    return fonts;
}

/// Words stay whole; a path without spaces may break anywhere.
int wrapOf(const QString& text) {
    return text.contains(' ') ? Qt::TextWordWrap : Qt::TextWrapAnywhere;
}

QRect textRoom(const QStyleOptionViewItem& option) {
    const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
    QRect room = option.rect;
    if (view != nullptr) {
        room.setWidth(view->viewport()->width());
    }
    return room.adjusted(kUnit, kUnit, -kUnit, -kUnit);
}

} // namespace

void TwoLineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
    QStyleOptionViewItem bare = option;
    initStyleOption(&bare, index);
    bare.text.clear();
    const QStyle* style = bare.widget != nullptr ? bare.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &bare, painter, bare.widget);

    const widgets::Theme& theme = widgets::Theme::of(option.palette);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    const Fonts fonts = fontsFor(option);
    const QRect room = textRoom(option);
    painter->save();
    painter->setFont(fonts.title);
    painter->setPen(isSelected ? theme.selectionText : theme.text);
    painter->drawText(room, Qt::AlignTop | Qt::AlignLeft, index.data().toString());
    painter->setFont(fonts.detail);
    painter->setPen(isSelected ? theme.selectionText : theme.mutedText);
    const QString detail = index.data(kDetailRole).toString();
    painter->drawText(room.adjusted(0, QFontMetrics(fonts.title).height(), 0, 0), wrapOf(detail),
                      detail);
    painter->restore();
}

QSize TwoLineDelegate::sizeHint(const QStyleOptionViewItem& option,
                                const QModelIndex& index) const {
    const Fonts fonts = fontsFor(option);
    const QRect room = textRoom(option);
    const QString text = index.data(kDetailRole).toString();
    const QRect detail =
        QFontMetrics(fonts.detail)
            .boundingRect(QRect(0, 0, std::max(room.width(), 1), 10'000), wrapOf(text), text);
    return {room.width(), QFontMetrics(fonts.title).height() + detail.height() + 2 * kUnit};
}

} // namespace app
