#include "widgets/layer_palette.h"

#include "nn/base/text.h"
#include "nn/model/registry.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/category_tile.h"
#include "widgets/icons.h"
#include "widgets/text.h"

#include <QDrag>
#include <QEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QResizeEvent>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace widgets {
namespace {

constexpr int kTypeRole = Qt::UserRole;
constexpr int kTileSide = 20;

const nn::LayerDef* definitionOf(const QTreeWidgetItem* item) {
    return item == nullptr ? nullptr
                           : nn::findLayerDef(item->data(0, kTypeRole).toString().toStdString());
}

/// Writes names that are too long for the palette in two lines, broken between their words.
class NameDelegate final : public QStyledItemDelegate {
public:
    explicit NameDelegate(QTreeView* tree) : QStyledItemDelegate(tree), m_tree(tree) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override {
        const bool isLayer = index.parent().isValid();
        const int room = m_tree->viewport()->width() - 2 * m_tree->indentation() - kTileSide -
                         2 * spacing::kUnit;
        const int width = option.fontMetrics.horizontalAdvance(index.data().toString());
        const int lines = isLayer && width > room ? 2 : 1;
        // Rows have a border and a padding, and a second line that does not fit is not drawn.
        const int margin = lines == 2 ? 10 : spacing::kTight;
        return {width, std::max(isLayer ? kTileSide + 1 : 0,
                                lines * option.fontMetrics.lineSpacing() + margin)};
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        option->features |= QStyleOptionViewItem::WrapText;
        constexpr QChar kMayBreak(0x200B); // zero-width space
        for (qsizetype at = option->text.size() - 1; at > 0; --at) {
            if (option->text[at].isUpper() && option->text[at - 1].isLower()) {
                option->text.insert(at, kMayBreak);
            }
        }
    }

private:
    QTreeView* m_tree;
};

/// The tree, with drags that carry the class name and look like the card they will become.
class PaletteTree final : public QTreeWidget {
public:
    using QTreeWidget::QTreeWidget;

protected:
    void resizeEvent(QResizeEvent* event) override {
        QTreeWidget::resizeEvent(event);
        if (event->size().width() != event->oldSize().width()) {
            scheduleDelayedItemsLayout(); // other names need two lines
        }
    }
    void startDrag(Qt::DropActions) override {
        const nn::LayerDef* def = definitionOf(currentItem());
        if (def == nullptr) {
            return;
        }
        auto* layer = new QMimeData; // the drag takes it over
        layer->setData(kLayerMimeType, QByteArray::fromStdString(def->type));
        auto* drag = new QDrag(this);
        drag->setMimeData(layer);
        const QPixmap tile =
            categoryTile(def->category, kTileSide, Theme::of(this), devicePixelRatioF());
        drag->setPixmap(tile);
        drag->setHotSpot({kTileSide / 2, kTileSide / 2});
        drag->exec(Qt::CopyAction);
    }
};

bool isSubsequence(const QString& typed, const QString& text) {
    qsizetype at = 0;
    for (const QChar letter : typed) {
        at = text.indexOf(letter, at, Qt::CaseInsensitive);
        if (at < 0) {
            return false;
        }
        ++at;
    }
    return true;
}

QString tipOf(const nn::LayerDef& def) {
    QString tip = fromUtf8(def.type) + QStringLiteral("\n") + fromUtf8(def.summary);
    if (!def.help.empty()) {
        tip += QStringLiteral("\n\n") + fromUtf8(def.help);
    }
    return tip;
}

} // namespace

int searchScore(const QString& typed, const QString& type, const QString& summary) {
    const QString word = typed.trimmed();
    if (word.isEmpty()) {
        return 1;
    }
    const QString snake = fromUtf8(nn::snakeCase(type.toStdString()));
    if (type.startsWith(word, Qt::CaseInsensitive) || snake.startsWith(word, Qt::CaseInsensitive)) {
        return 4;
    }
    if (type.contains(word, Qt::CaseInsensitive) || snake.contains(word, Qt::CaseInsensitive)) {
        return 3;
    }
    if (isSubsequence(word, type)) {
        return 2;
    }
    return summary.contains(word, Qt::CaseInsensitive) ? 1 : 0;
}

LayerPalette::LayerPalette(QWidget* parent)
    : QWidget(parent), m_theme(Theme::of(this)), m_search(new QLineEdit(this)),
      m_tree(new PaletteTree(this)), m_nothing(new QLabel(this)) {
    m_search->setObjectName(QStringLiteral("palette-search"));
    m_search->setPlaceholderText(tr("Search layers"));
    m_search->setAccessibleName(tr("Search layers"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_tree->setObjectName(QStringLiteral("palette-tree"));
    m_tree->setAccessibleName(tr("Layers"));
    m_tree->setAccessibleDescription(tr("Enter adds the layer to the network."));
    m_tree->setHeaderHidden(true);
    m_tree->setIndentation(12);
    m_tree->setIconSize({kTileSide, kTileSide});
    m_tree->setItemDelegate(new NameDelegate(m_tree));
    m_tree->setDragEnabled(true);
    m_tree->setDragDropMode(QAbstractItemView::DragOnly);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->installEventFilter(this);
    m_nothing->setWordWrap(true);
    m_nothing->setTextFormat(Qt::PlainText);
    m_nothing->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_nothing->setMargin(spacing::kWide);
    m_nothing->hide();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, spacing::kUnit, 0, 0);
    column->setSpacing(spacing::kUnit);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(spacing::kUnit, 0, spacing::kUnit, 0);
    row->addWidget(m_search);
    column->addLayout(row);
    column->addWidget(m_tree, 1);
    column->addWidget(m_nothing, 1);

    fill();
    connect(m_search, &QLineEdit::textChanged, this, &LayerPalette::filter);
    connect(m_tree, &QTreeWidget::itemDoubleClicked, this, [this](QTreeWidgetItem* item) {
        if (const nn::LayerDef* def = definitionOf(item)) {
            emit addWished(fromUtf8(def->type));
        }
    });
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_tree, &QWidget::customContextMenuRequested, this, [this](QPoint at) {
        if (const nn::LayerDef* def = definitionOf(m_tree->itemAt(at))) {
            showMenu(fromUtf8(def->type), m_tree->viewport()->mapToGlobal(at));
        }
    });
    setFocusProxy(m_search);
}

void LayerPalette::showMenu(const QString& type, QPoint globalPosition) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(u"plus", m_theme), tr("&Add %1").arg(type), this,
                    [this, type] { emit addWished(type); });
    menu->addAction(icon(u"help", m_theme), tr("&Help on %1").arg(type), this,
                    [this, type] { emit helpWished(type); });
    menu->popup(globalPosition);
}

void LayerPalette::fill() {
    QTreeWidgetItem* group = nullptr;
    std::optional<nn::Category> category;
    for (const nn::LayerDef& def : nn::layerDefs()) {
        if (category != def.category) {
            category = def.category;
            group = new QTreeWidgetItem(m_tree, {fromUtf8(nn::categoryName(def.category))});
            group->setFlags(Qt::ItemIsEnabled);
            group->setExpanded(true);
            group->setFirstColumnSpanned(true);
        }
        auto* item = new QTreeWidgetItem(group, {fromUtf8(def.type)});
        item->setData(0, kTypeRole, fromUtf8(def.type));
        item->setToolTip(0, plainTip(tipOf(def)));
        item->setData(0, Qt::AccessibleDescriptionRole, fromUtf8(def.summary));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled);
    }
    showIcons();
}

void LayerPalette::showIcons() {
    for (QTreeWidgetItemIterator it(m_tree); *it != nullptr; ++it) {
        if (const nn::LayerDef* def = definitionOf(*it)) {
            (*it)->setIcon(
                0, QIcon(categoryTile(def->category, kTileSide, m_theme, devicePixelRatioF())));
        } else {
            (*it)->setFont(0, m_theme.font(TextRole::Small, font()));
            (*it)->setForeground(0, m_theme.mutedText);
        }
    }
    // Made once: deleting it here would pull a widget from under the change of theme.
    if (m_lens == nullptr) {
        m_lens = m_search->addAction(QIcon(), QLineEdit::LeadingPosition);
    }
    m_lens->setIcon(icon(u"search", m_theme.mutedText));
}

void LayerPalette::setTheme(const Theme& theme) {
    m_theme = theme;
    showIcons();
}

void LayerPalette::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_tree != nullptr) {
        setTheme(Theme::of(this));
    }
}

QList<QTreeWidgetItem*> LayerPalette::shownItems() const {
    QList<QTreeWidgetItem*> items;
    for (QTreeWidgetItemIterator it(m_tree, QTreeWidgetItemIterator::NotHidden); *it != nullptr;
         ++it) {
        if (definitionOf(*it) != nullptr && !(*it)->parent()->isHidden()) {
            items << *it;
        }
    }
    return items;
}

QStringList LayerPalette::shownTypes() const {
    QStringList types;
    for (const QTreeWidgetItem* item : shownItems()) {
        types << item->text(0);
    }
    return types;
}

void LayerPalette::setSearch(const QString& text) {
    m_search->setText(text);
}

void LayerPalette::focusSearch() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void LayerPalette::filter() {
    const QString typed = m_search->text();
    QTreeWidgetItem* best = nullptr;
    int bestScore = 0;
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        QTreeWidgetItem* group = m_tree->topLevelItem(i);
        bool any = false;
        for (int k = 0; k < group->childCount(); ++k) {
            QTreeWidgetItem* item = group->child(k);
            const nn::LayerDef* def = definitionOf(item);
            const int score = searchScore(typed, item->text(0), fromUtf8(def->summary));
            item->setHidden(score == 0);
            any = any || score > 0;
            if (score > bestScore) {
                bestScore = score;
                best = item;
            }
        }
        group->setHidden(!any);
    }
    m_tree->setCurrentItem(typed.trimmed().isEmpty() ? nullptr : best);
    m_tree->setVisible(best != nullptr);
    m_nothing->setVisible(best == nullptr);
    if (best == nullptr) {
        std::vector<std::string> types;
        for (const nn::LayerDef& def : nn::layerDefs()) {
            types.push_back(def.type);
        }
        const auto near = nn::nearest(typed.trimmed().toStdString(), types);
        m_nothing->setText(
            near ? tr("No layer is called “%1”. Did you mean %2?")
                       .arg(typed.trimmed(), fromUtf8(*near))
                 : tr("No layer matches “%1”. Press Esc to see all layers.").arg(typed.trimmed()));
    }
}

void LayerPalette::addCurrent() {
    if (const nn::LayerDef* def = definitionOf(m_tree->currentItem())) {
        emit addWished(fromUtf8(def->type));
    }
}

bool LayerPalette::eventFilter(QObject* watched, QEvent* event) {
    const nn::LayerDef* current = definitionOf(m_tree->currentItem());
    if (event->type() == QEvent::ShortcutOverride && current != nullptr &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_F1) {
        event->accept(); // the layer pointed at, not the one selected on the canvas
        return true;
    }
    if (event->type() != QEvent::KeyPress) {
        return QWidget::eventFilter(watched, event);
    }
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter) {
        addCurrent();
        return true;
    }
    if (watched == m_search && (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up)) {
        const QList<QTreeWidgetItem*> items = shownItems();
        if (!items.isEmpty()) {
            const qsizetype at = items.indexOf(m_tree->currentItem());
            const qsizetype next = key->key() == Qt::Key_Down ? at + 1 : at - 1;
            m_tree->setCurrentItem(items[std::clamp<qsizetype>(next, 0, items.size() - 1)]);
        }
        return true;
    }
    if (key->key() == Qt::Key_F1 && current != nullptr) {
        emit helpWished(fromUtf8(current->type));
        return true;
    }
    if (watched == m_search && key->key() == Qt::Key_Escape && !m_search->text().isEmpty()) {
        m_search->clear();
        return true;
    }
    const bool isText = !key->text().isEmpty() && key->text().front().isPrint() &&
                        (key->modifiers() & ~Qt::ShiftModifier) == Qt::NoModifier;
    if (watched == m_tree && isText && key->key() != Qt::Key_Space) {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->setText(key->text());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace widgets
