#include "widgets/summary_view.h"

#include "nn/base/text.h"
#include "nn/model/summary.h"
#include "widgets/icons.h"
#include "widgets/label_room.h"
#include "widgets/text.h"
#include "widgets/text_role.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QEvent>
#include <QGuiApplication>
#include <QHash>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kMostMeasured = 200; // rows that decide how wide a column is

/// Figures that a narrow view breaks between, not within.
QString unbroken(const QStringList& figures) {
    QStringList parts;
    for (QString figure : figures) {
        parts << figure.replace(u' ', QChar::Nbsp);
    }
    return parts.join(QStringLiteral("   "));
}

QString countOf(std::int64_t value) {
    return fromUtf8(nn::withThousands(value));
}

/// Less than half of the layers are those that were there: it deserves columns of its own widths.
bool isOtherNetwork(const std::vector<SummaryRow>& before, const std::vector<SummaryRow>& after) {
    QHash<nn::NodeId, QString> names;
    for (const SummaryRow& row : before) {
        names[row.node] = row.layer;
    }
    const auto kept = std::ranges::count_if(after, [&names](const SummaryRow& row) {
        const auto old = names.constFind(row.node);
        return old != names.constEnd() && *old == row.layer;
    });
    return 2 * kept < std::ssize(after);
}

/// A cell of a CSV file: quoted when it has to be.
QString csvCell(const QString& text) {
    const bool plain = !text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n');
    return plain ? text : u'"' + QString(text).replace(u'"', QStringLiteral("\"\"")) + u'"';
}

} // namespace

SummaryView::SummaryView(QWidget* parent)
    : QWidget(parent), m_model(new SummaryModel(this)), m_table(new QTableView(this)),
      m_totals(new QLabel(this)), m_copy(new QToolButton(this)) {
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("summary-table"));
    m_table->setAccessibleName(tr("Summary"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setResizeContentsPrecision(kMostMeasured);
    m_table->installEventFilter(this);
    m_totals->setTextFormat(Qt::PlainText);
    m_totals->setObjectName(QStringLiteral("summary-totals"));
    m_totals->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_totals->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    m_totals->setWordWrap(true);
    setTextRole(m_totals, TextRole::Small);
    m_copy->setText(tr("Copy table"));
    m_copy->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_copy->setPopupMode(QToolButton::InstantPopup);
    m_copy->setMenu(copyMenu());
    m_copy->setAccessibleName(tr("Copy table"));

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_table, 1);
    auto* footer = new QHBoxLayout;
    footer->setContentsMargins(spacing::kUnit, spacing::kTight, spacing::kUnit, spacing::kTight);
    footer->addWidget(new LabelRoom(m_totals, this), 1);
    footer->addWidget(m_copy);
    column->addLayout(footer);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &SummaryView::emitSelection);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        emit propertiesWished(m_model->nodeAt(index.row()));
    });
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](QPoint at) {
        QMenu* menu = copyMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_table->viewport()->mapToGlobal(at));
    });
    setTheme(Theme::of(this));
    setValues({});
}

QMenu* SummaryView::copyMenu() {
    auto* menu = new QMenu(this);
    menu->addAction(tr("Copy selected &rows"), this, [this] { copySelectedRows(); });
    menu->addSeparator();
    menu->addAction(tr("Copy as Keras &3 text"), this, [this] { copyAs(SummaryStyle::Keras3); });
    menu->addAction(tr("Copy as Keras &2 text"), this, [this] { copyAs(SummaryStyle::Keras2); });
    menu->addAction(tr("Copy as &CSV"), this, [this] { copyAs(SummaryStyle::Csv); });
    return menu;
}

void SummaryView::setNetwork(const NetworkValues& network) {
    setValues(summaryValues(network));
    setTextSource([network](SummaryStyle style) {
        nn::SummaryTextOptions options;
        options.style =
            style == SummaryStyle::Keras2 ? nn::SummaryStyle::Keras2 : nn::SummaryStyle::Keras3;
        return fromUtf8(
            nn::summaryText(nn::summaryOf(*network.graph, *network.inference), options));
    });
}

void SummaryView::setTextSource(std::function<QString(SummaryStyle)> source) {
    m_text = std::move(source);
}

void SummaryView::setValues(const SummaryValues& values) {
    const QScopedValueRollback setting(m_setting, true);
    const bool isOther =
        !std::ranges::equal(m_values.rows, values.rows, {}, &SummaryRow::node, &SummaryRow::node);
    const bool isAnother = isOther && isOtherNetwork(m_values.rows, values.rows);
    m_values = values;
    m_model->setRows(values.rows);
    if (isOther) {
        selectRows(); // those selected stand elsewhere now
    }
    constexpr auto kBytes = static_cast<std::int64_t>(sizeof(float));
    const bool hasFields = std::ranges::any_of(
        values.rows, [](const SummaryRow& row) { return !row.receptiveField.isEmpty(); });
    m_table->setColumnHidden(SummaryModel::ReceptiveField, !hasFields);
    m_totals->setText(
        values.rows.empty()
            ? tr("No layers yet.")
            : unbroken(
                  {tr("Total params: %1 (%2)")
                       .arg(countOf(values.params), fromUtf8(nn::byteText(values.params * kBytes))),
                   tr("Trainable: %1").arg(countOf(values.trainableParams)),
                   tr("Not trainable: %1").arg(countOf(values.params - values.trainableParams)),
                   tr("MACs: %1").arg(countOf(values.macs)),
                   tr("Activations: %1 per image")
                       .arg(fromUtf8(nn::byteText(values.activationBytes)))}));
    m_totals->setToolTip(m_totals->text());
    m_copy->setEnabled(!values.rows.empty());
    if (isAnother) {
        fitColumns();
    }
}

void SummaryView::fitColumns() {
    m_table->resizeColumnsToContents();
    for (int column = 0; column < SummaryModel::ColumnCount; ++column) {
        constexpr int kWidest = 260;
        m_table->setColumnWidth(column,
                                std::min(m_table->columnWidth(column) + spacing::kUnit, kWidest));
    }
}

QString SummaryView::totalsText() const {
    return m_totals->text();
}

void SummaryView::setSelection(const NodeSet& nodes) {
    m_selected = nodes;
    const int first = selectRows();
    if (nodes.size() == 1 && first >= 0) {
        const QScopedValueRollback setting(m_setting, true);
        m_table->selectionModel()->setCurrentIndex(m_model->index(first, 0),
                                                   QItemSelectionModel::NoUpdate);
        m_table->scrollTo(m_model->index(first, 0));
    }
}

int SummaryView::selectRows() {
    const QScopedValueRollback setting(m_setting, true);
    QItemSelection selection;
    int first = -1;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_selected.contains(m_model->nodeAt(row))) {
            selection.select(m_model->index(row, 0),
                             m_model->index(row, SummaryModel::ColumnCount - 1));
            first = first < 0 ? row : first;
        }
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    return first;
}

void SummaryView::emitSelection() {
    if (m_setting) {
        return;
    }
    NodeSet nodes;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        nodes.insert(m_model->nodeAt(index.row()));
    }
    m_selected = nodes;
    emit selectionChanged(nodes);
}

QString SummaryView::csv() const {
    QString text;
    const auto addRow = [&text](const QStringList& cells) {
        QStringList quoted;
        for (const QString& cell : cells) {
            quoted << csvCell(cell);
        }
        text += quoted.join(u',') + u'\n';
    };
    addRow({QStringLiteral("layer"), QStringLiteral("type"), QStringLiteral("output_shape"),
            QStringLiteral("params"), QStringLiteral("macs"), QStringLiteral("activation_bytes"),
            QStringLiteral("receptive_field"), QStringLiteral("connected_to")});
    for (const SummaryRow& row : m_values.rows) {
        addRow({row.layer, row.type, row.outputShape, QString::number(row.params),
                QString::number(row.macs), QString::number(row.activationBytes), row.receptiveField,
                row.connectedTo});
    }
    return text;
}

void SummaryView::copyAs(SummaryStyle style) const {
    const QString text = style == SummaryStyle::Csv ? csv() : m_text ? m_text(style) : QString();
    if (!text.isEmpty()) {
        QGuiApplication::clipboard()->setText(text);
    }
}

void SummaryView::copySelectedRows() const {
    QList<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        rows << index.row();
    }
    std::ranges::sort(rows);
    QStringList lines;
    for (const int row : std::as_const(rows)) {
        QStringList cells;
        for (int column = 0; column < SummaryModel::ColumnCount; ++column) {
            cells << m_model->index(row, column).data().toString();
        }
        lines << cells.join(u'\t');
    }
    if (!lines.isEmpty()) {
        QGuiApplication::clipboard()->setText(lines.join(u'\n') + u'\n');
    }
}

void SummaryView::setTheme(const Theme& theme) {
    m_copy->setIcon(icon(u"copy-text", theme));
}

void SummaryView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_copy != nullptr) {
        setTheme(Theme::of(this));
    }
}

bool SummaryView::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Copy)) {
            copySelectedRows();
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            const nn::NodeId node = m_model->nodeAt(m_table->currentIndex().row());
            if (node != nn::kNoNode) {
                emit propertiesWished(node);
            }
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace widgets
