#include "widgets/params/param_layout.h"

#include "widgets/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QWidget>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kGap = spacing::kUnit;
constexpr int kComfortable = 124; ///< An editor beside its name is at least this wide.
constexpr int kRoomy = 180;       ///< Most values can be read in full in such an editor.
constexpr int kSmall = 40;        ///< What is no wider goes before its name: check boxes.
constexpr int kRowGap = spacing::kTight;
constexpr int kStackedGap = spacing::kUnit;

bool isShown(const QLayoutItem* item) {
    return item != nullptr && !item->isEmpty();
}

int nameWidth(const QLayoutItem* label) {
    const auto* text = qobject_cast<const QLabel*>(const_cast<QLayoutItem*>(label)->widget());
    return text == nullptr ? label->sizeHint().width()
                           : text->fontMetrics().horizontalAdvance(text->text()) + 3;
}

int heightOf(const QLayoutItem* item, int width) {
    return item->hasHeightForWidth() ? item->heightForWidth(width) : item->sizeHint().height();
}

bool isSmall(const QLayoutItem* editor) {
    return editor->sizeHint().width() <= kSmall;
}

/// A choice, some of which would be shortened in a column of this width.
bool isCramped(const QLayoutItem* editor, int column) {
    constexpr int kFrameAndArrow = 36;
    const auto* const choice =
        const_cast<QLayoutItem*>(editor)->widget()->findChild<const QComboBox*>();
    int widest = 0;
    for (int i = 0; choice != nullptr && i < choice->count(); ++i) {
        widest = std::max(widest, choice->fontMetrics().horizontalAdvance(choice->itemText(i)));
    }
    return choice != nullptr && widest + kFrameAndArrow > column;
}

/// Puts an item into the middle of a line.
void place(QLayoutItem* item, const QRect& line, int height) {
    item->setGeometry(
        {line.left(), line.top() + (line.height() - height) / 2, line.width(), height});
}

} // namespace

ParamLayout::ParamLayout(QWidget* form) : QLayout(form) {
    setContentsMargins(0, 0, 0, 0);
}

ParamLayout::~ParamLayout() {
    for (const Items& row : m_rows) {
        for (QLayoutItem* item : row) {
            delete item;
        }
    }
}

void ParamLayout::addRow(const Row& row) {
    Items items{};
    const std::array<QWidget*, kParts> parts{row.label, row.editor, row.reset, row.details,
                                             row.message};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] != nullptr) {
            addChildWidget(parts[i]);
            items[i] = new QWidgetItem(parts[i]);
        }
    }
    m_rows.push_back(items);
    invalidate();
}

void ParamLayout::addItem(QLayoutItem* item) {
    m_rows.push_back({nullptr, item, nullptr, nullptr, nullptr});
    invalidate();
}

int ParamLayout::count() const {
    std::ptrdiff_t all = 0;
    for (const Items& row : m_rows) {
        all += std::ranges::count_if(row, [](const QLayoutItem* item) { return item != nullptr; });
    }
    return static_cast<int>(all);
}

QLayoutItem* ParamLayout::itemAt(int index) const {
    for (const Items& row : m_rows) {
        for (QLayoutItem* item : row) {
            if (item != nullptr && index-- == 0) {
                return item;
            }
        }
    }
    return nullptr;
}

QLayoutItem* ParamLayout::takeAt(int index) {
    QLayoutItem* taken = itemAt(index);
    for (Items& row : m_rows) {
        std::ranges::replace(row, taken, static_cast<QLayoutItem*>(nullptr));
    }
    std::erase(m_rows, Items{});
    invalidate();
    return taken;
}

int ParamLayout::resetWidth() const {
    int width = 0;
    for (const Items& row : m_rows) {
        if (row[Reset] != nullptr) {
            width = std::max(width, row[Reset]->widget()->sizeHint().width());
        }
    }
    return width;
}

ParamLayout::Columns ParamLayout::columnsFor(int width) const {
    Columns columns{.reset = resetWidth()};
    int editor = kComfortable;
    for (const Items& row : m_rows) {
        if (isShown(row[Editor])) {
            editor = std::max(editor, row[Editor]->minimumSize().width());
        }
    }
    const int room = width - columns.reset - editor - 2 * kGap;
    int all = 0;
    int fitting = 0;
    for (const Items& row : m_rows) {
        if (isShown(row[Editor]) && row[Label] != nullptr) {
            ++all;
            const int name = nameWidth(row[Label]);
            if (name <= room) {
                ++fitting;
                columns.label = std::max(columns.label, name);
            }
        }
    }
    // A few long names stand above their editors; with many of them all do.
    columns.isBeside = 3 * fitting >= 2 * all;
    return columns;
}

bool ParamLayout::isBeside(int width) const {
    return columnsFor(width).isBeside;
}

int ParamLayout::arrange(const QRect& rect, bool isMeant) const {
    const Columns columns = columnsFor(rect.width());
    int top = rect.top();
    for (const Items& row : m_rows) {
        if (!isShown(row[Editor])) {
            continue;
        }
        if (top > rect.top()) {
            top += columns.isBeside ? kRowGap : kStackedGap;
        }
        top += arrangeRow(row, columns, {rect.left(), top, rect.width(), 0}, isMeant);
    }
    return top - rect.top();
}

int ParamLayout::arrangeRow(const Items& row, const Columns& columns, const QRect& rect,
                            bool isMeant) const {
    if (row[Label] == nullptr || row[Reset] == nullptr) {
        const int alone = heightOf(row[Editor], rect.width());
        if (isMeant) {
            row[Editor]->setGeometry({rect.left(), rect.top(), rect.width(), alone});
        }
        return alone;
    }
    // Below a long name a narrow editor takes the room beneath the name, too; so does a narrow
    // choice of long words.
    const int column = rect.width() - columns.label - columns.reset - 2 * kGap;
    const bool fits = nameWidth(row[Label]) <= columns.label && !isCramped(row[Editor], column);
    const bool isBeside = columns.isBeside && (fits || column >= kRoomy);
    int height = isBeside ? arrangeBeside(row, columns, rect, isMeant)
                          : arrangeStacked(row, columns, rect, isMeant);
    for (QLayoutItem* below : {row[Details], row[Message]}) {
        if (isShown(below)) {
            const int part = heightOf(below, rect.width());
            height += spacing::kTight;
            if (isMeant) {
                below->setGeometry({rect.left(), rect.top() + height, rect.width(), part});
            }
            height += part;
        }
    }
    return height;
}

int ParamLayout::arrangeBeside(const Items& row, const Columns& columns, const QRect& rect,
                               bool isMeant) const {
    const bool isLong = nameWidth(row[Label]) > columns.label;
    const int left = rect.left() + columns.label + kGap;
    const int editorWidth = rect.right() + 1 - columns.reset - kGap - left;
    const int editorHeight = heightOf(row[Editor], editorWidth);
    const int nameHeight = heightOf(row[Label], isLong ? rect.width() : columns.label);
    const int above = isLong ? nameHeight + 2 : 0;
    const int line = isLong ? editorHeight : std::max(nameHeight, editorHeight);
    if (isMeant) {
        const int top = rect.top() + above;
        place(row[Editor], {left, top, editorWidth, line}, editorHeight);
        place(row[Reset], {rect.right() + 1 - columns.reset, top, columns.reset, line},
              row[Reset]->widget()->sizeHint().height());
        if (isLong) {
            row[Label]->setGeometry({rect.left(), rect.top(), rect.width(), nameHeight});
        } else {
            place(row[Label], {rect.left(), top, columns.label, line}, nameHeight);
        }
    }
    return above + line;
}

int ParamLayout::arrangeStacked(const Items& row, const Columns& columns, const QRect& rect,
                                bool isMeant) const {
    const bool isBox = isSmall(row[Editor]);
    const int before = isBox ? row[Editor]->sizeHint().width() + spacing::kTight : 0;
    const int nameWide = std::max(0, rect.width() - columns.reset - kGap - before);
    const int nameHeight = heightOf(row[Label], nameWide);
    const int resetHeight = row[Reset]->widget()->sizeHint().height();
    const bool hasReset = row[Reset]->widget()->isVisibleTo(parentWidget());
    const int editorHeight = heightOf(row[Editor], isBox ? before : rect.width());
    int line = nameHeight;
    if (isBox) {
        line = std::max(line, editorHeight);
    }
    if (isMeant) {
        place(row[Label], {rect.left() + before, rect.top(), nameWide, line}, nameHeight);
        // The button may reach a little over its line, so that it does not push rows apart.
        const int reach = hasReset ? std::min(resetHeight, line + spacing::kUnit) : line;
        const int above = std::min((reach - line) / 2, rect.top()); // not beyond the form
        row[Reset]->setGeometry(
            {rect.right() + 1 - columns.reset, rect.top() - above, columns.reset, reach});
        if (isBox) {
            place(row[Editor], {rect.left(), rect.top(), before - spacing::kTight, line},
                  editorHeight);
        } else {
            row[Editor]->setGeometry(
                {rect.left(), rect.top() + line + 2, rect.width(), editorHeight});
        }
    }
    return isBox ? line : line + 2 + editorHeight;
}

QSize ParamLayout::minimumSize() const {
    int width = 0;
    for (const Items& row : m_rows) {
        if (isShown(row[Editor])) {
            for (const QLayoutItem* item : {row[Editor], row[Details]}) {
                width = std::max(width, isShown(item) ? item->minimumSize().width() : 0);
            }
        }
    }
    const QMargins margins = contentsMargins();
    width += margins.left() + margins.right();
    return {width, heightForWidth(std::max(width, sizeHint().width()))};
}

QSize ParamLayout::sizeHint() const {
    int name = 0;
    int editor = kComfortable;
    for (const Items& row : m_rows) {
        if (isShown(row[Editor])) {
            name = std::max(name, row[Label] == nullptr ? 0 : nameWidth(row[Label]));
            editor = std::max(editor, row[Editor]->minimumSize().width());
        }
    }
    const QMargins margins = contentsMargins();
    const int width = name + editor + resetWidth() + 2 * kGap + margins.left() + margins.right();
    return {width, heightForWidth(width)};
}

int ParamLayout::heightForWidth(int width) const {
    if (width != m_cachedWidth) {
        const QMargins margins = contentsMargins();
        const QRect inside(0, 0, width - margins.left() - margins.right(), 0);
        m_cachedHeight = arrange(inside, false) + margins.top() + margins.bottom();
        m_cachedWidth = width;
    }
    return m_cachedHeight;
}

void ParamLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    arrange(rect.marginsRemoved(contentsMargins()), true);
}

void ParamLayout::invalidate() {
    m_cachedWidth = -1;
    QLayout::invalidate();
}

} // namespace widgets
