#include "widgets/outline.h"

#include "widgets/canvas/canvas_wishes.h"
#include "widgets/icons.h"
#include "widgets/outline_model.h"
#include "widgets/text.h"

#include <QEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace widgets {
namespace {

constexpr int kMostTargets = 40; // a menu longer than this helps nobody

/// Name, class and shape of a layer in one line.
class LayerDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        const Theme& theme = Theme::of(option.widget);
        const bool isSelected = option.state.testFlag(QStyle::State_Selected);
        const QRect room = roomOf(option);
        painter->save();
        painter->setFont(option.font);
        painter->setPen(isSelected ? theme.selectionText : theme.mutedText);
        painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                          index.data(OutlineModel::ShapeRole).toString());
        // A class of which only the beginning fits says less than none.
        const QString type = index.data(OutlineModel::TypeRole).toString();
        const int name = option.fontMetrics.horizontalAdvance(index.data().toString());
        const QRect place = room.adjusted(name + spacing::kUnit, 0, -shapeWidth(option, index), 0);
        if (option.fontMetrics.horizontalAdvance(type) <= place.width()) {
            painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter, type);
        }
        painter->restore();
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        // Otherwise a long name runs into the shape.
        const int room = roomOf(*option).width() - shapeWidth(*option, index);
        option->text = option->fontMetrics.elidedText(option->text, Qt::ElideMiddle, room);
    }

private:
    [[nodiscard]] static QRect roomOf(const QStyleOptionViewItem& option) {
        return option.rect.adjusted(spacing::kIcon + 2 * spacing::kUnit, 0, -spacing::kUnit, 0);
    }
    [[nodiscard]] static int shapeWidth(const QStyleOptionViewItem& option,
                                        const QModelIndex& index) {
        return option.fontMetrics.horizontalAdvance(
                   index.data(OutlineModel::ShapeRole).toString()) +
               spacing::kUnit;
    }
};

QString menuText(const QString& text) {
    return QString(text).replace(u'&', QStringLiteral("&&"));
}

} // namespace

Outline::Outline(QWidget* parent)
    : QWidget(parent), m_model(new OutlineModel(this)), m_list(new QListView(this)),
      m_nothing(new QLabel(tr("No layers yet. Double-click one in the palette."), this)) {
    m_list->setModel(m_model);
    m_list->setObjectName(QStringLiteral("outline-list"));
    m_list->setAccessibleName(tr("Outline"));
    m_list->setAccessibleDescription(
        tr("The layers from input to output. F2 renames, Delete removes, Enter shows the "
           "properties; the context menu connects."));
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    m_list->setItemDelegate(new LayerDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->installEventFilter(this);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setMargin(spacing::kWide);
    m_nothing->setWordWrap(true);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_list, 1);
    column->addWidget(m_nothing, 1);
    m_list->hide();
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &Outline::emitSelection);
    connect(m_list, &QWidget::customContextMenuRequested, this, [this](QPoint at) {
        QMenu* menu = makeMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_list->viewport()->mapToGlobal(at));
    });
    connect(m_model, &OutlineModel::renameWished, this,
            [this](nn::NodeId node, const QString& name) {
                emitWish(renameWish(*m_network.graph, node, name));
            });
    setFocusProxy(m_list);
    setTheme(Theme::of(this));
}

/// A name being edited ends while the list is destroyed: that is no wish.
Outline::~Outline() {
    m_model->disconnect(this);
    m_list->selectionModel()->disconnect(this);
}

void Outline::setNetwork(const NetworkValues& network) {
    m_network = network;
    {
        const QScopedValueRollback setting(m_setting, true);
        m_model->setNetwork(network);
    }
    m_list->setVisible(m_model->rowCount() > 0);
    m_nothing->setVisible(m_model->rowCount() == 0);
    applySelection();
}

void Outline::setSelection(const NodeSet& nodes) {
    m_selection = nodes;
    applySelection();
}

void Outline::applySelection() {
    if (selectedNodes() == m_selection) {
        return;
    }
    const QScopedValueRollback setting(m_setting, true);
    QItemSelection selection;
    int row = -1;
    for (const nn::NodeId node : std::as_const(m_selection)) {
        row = m_model->rowOf(node);
        if (row >= 0) {
            selection.select(m_model->index(row), m_model->index(row));
        }
    }
    m_list->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (m_selection.size() == 1 && row >= 0) {
        m_list->selectionModel()->setCurrentIndex(m_model->index(row),
                                                  QItemSelectionModel::NoUpdate);
        m_list->scrollTo(m_model->index(row));
    }
}

NodeSet Outline::selectedNodes() const {
    NodeSet nodes;
    for (const QModelIndex& index : m_list->selectionModel()->selectedIndexes()) {
        nodes.insert(m_model->nodeAt(index.row()));
    }
    return nodes;
}

void Outline::emitSelection() {
    if (!m_setting) {
        m_selection = selectedNodes();
        emit selectionChanged(m_selection);
    }
}

void Outline::emitWish(const EditWish& wish) {
    if (!wish.isEmpty()) {
        emit wished(wish);
    }
}

QMenu* Outline::makeMenu() {
    auto* menu = new QMenu(this);
    const nn::NodeId current = m_model->nodeAt(m_list->currentIndex().row());
    if (current == nn::kNoNode) {
        return menu;
    }
    const Theme& theme = Theme::of(this);
    for (const nn::Diagnostic& diagnostic : m_network.inference->diagnostics) {
        for (const nn::Repair& repair : diagnostic.repairs) {
            if (diagnostic.node == current) {
                menu->addAction(icon(u"repair", theme.accent), menuText(fromUtf8(repair.title)),
                                this, [this, repair] { emitWish(repairWish(repair)); });
            }
        }
    }
    menu->addAction(icon(u"properties", theme), tr("&Properties"), this,
                    [this, current] { emit propertiesWished(current); });
    menu->addAction(tr("&Rename"), this, [this] { m_list->edit(m_list->currentIndex()); });
    addConnections(*menu, current);
    menu->addSeparator();
    menu->addAction(icon(u"delete", theme), tr("&Delete"), this, [this] {
        emitWish(removeWish(*m_network.graph, selectedNodes(), Gap::Leave));
    });
    menu->addAction(tr("Delete and close the &gap"), this, [this] {
        emitWish(removeWish(*m_network.graph, selectedNodes(), Gap::Close));
    });
    return menu;
}

void Outline::addConnections(QMenu& menu, nn::NodeId node) {
    QMenu* connectMenu = menu.addMenu(icon(u"connect", Theme::of(this)), tr("&Connect to"));
    int count = 0;
    for (const nn::NodeId target : m_network.inference->order) {
        const nn::Node* to = nn::findNode(*m_network.graph, target);
        if (to == nullptr || count >= kMostTargets ||
            !connectProblem(*m_network.graph, node, target).isEmpty()) {
            continue;
        }
        ++count;
        connectMenu->addAction(menuText(fromUtf8(to->name)), this, [this, node, target] {
            emitWish(connectWish(*m_network.graph, {node, target, nn::kFreePort}));
        });
    }
    connectMenu->setEnabled(count > 0);
    QMenu* cutMenu = menu.addMenu(tr("D&isconnect from"));
    for (const nn::Edge& edge : m_network.graph->edges) {
        if (edge.from != node && edge.to != node) {
            continue;
        }
        const nn::Node* other =
            nn::findNode(*m_network.graph, edge.from == node ? edge.to : edge.from);
        cutMenu->addAction(menuText(fromUtf8(other->name)), this,
                           [this, edge] { emitWish(disconnectWish(*m_network.graph, edge)); });
    }
    cutMenu->setEnabled(!cutMenu->isEmpty());
}

void Outline::setTheme(const Theme& theme) {
    m_model->setTheme(theme);
}

void Outline::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_model != nullptr) {
        setTheme(Theme::of(this));
    }
}

bool Outline::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const nn::NodeId current = m_model->nodeAt(m_list->currentIndex().row());
        if (key->key() == Qt::Key_Delete && !selectedNodes().isEmpty()) {
            emitWish(removeWish(*m_network.graph, selectedNodes(), Gap::Leave));
            return true;
        }
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && current != nn::kNoNode) {
            emit propertiesWished(current);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace widgets
