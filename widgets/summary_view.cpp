#include "widgets/summary_view.h"

#include "nn/base/text.h"
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
bool isOtherNetwork(const std::vector<nn::SummaryRow>& before,
                    const std::vector<nn::SummaryRow>& after) {
    QHash<nn::NodeId, std::string_view> names;
    for (const nn::SummaryRow& row : before) {
        names[row.id] = row.name;
    }
    const auto kept = std::ranges::count_if(after, [&names](const nn::SummaryRow& row) {
        const auto old = names.constFind(row.id);
        return old != names.constEnd() && *old == row.name;
    });
    return 2 * kept < std::ssize(after);
}

} // namespace

QString summaryText(const nn::Summary& summary, SummaryStyle style) {
    switch (style) {
    case SummaryStyle::Keras3:
        return fromUtf8(nn::summaryText(summary, {.style = nn::SummaryStyle::Keras3}));
    case SummaryStyle::Keras2:
        return fromUtf8(nn::summaryText(summary, {.style = nn::SummaryStyle::Keras2}));
    case SummaryStyle::Csv:
        return fromUtf8(nn::summaryCsv(summary));
    }
    return {};
}

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
    setSummary({});
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
    setSummary(nn::summaryOf(*network.graph, *network.inference));
}

void SummaryView::setSummary(nn::Summary summary) {
    const QScopedValueRollback setting(m_setting, true);
    const std::vector<nn::SummaryRow>& before = m_model->summary().rows;
    const bool isOther =
        !std::ranges::equal(before, summary.rows, {}, &nn::SummaryRow::id, &nn::SummaryRow::id);
    const bool isAnother = isOther && isOtherNetwork(before, summary.rows);
    m_model->setSummary(std::move(summary));
    if (isOther) {
        selectRows(); // those selected stand elsewhere now
    }
    showTotals(m_model->summary());
    if (isAnother) {
        fitColumns();
    }
}

void SummaryView::showTotals(const nn::Summary& summary) {
    constexpr auto kBytes = static_cast<std::int64_t>(sizeof(float));
    const std::int64_t params = summary.totalParams;
    const bool hasFields = std::ranges::any_of(
        summary.rows, [](const nn::SummaryRow& row) { return row.field.has_value(); });
    m_table->setColumnHidden(SummaryModel::ReceptiveField, !hasFields);
    m_totals->setText(
        summary.rows.empty()
            ? tr("No layers yet.")
            : unbroken({tr("Total params: %1 (%2)")
                            .arg(countOf(params), fromUtf8(nn::byteText(params * kBytes))),
                        tr("Trainable: %1").arg(countOf(summary.trainableParams)),
                        tr("Not trainable: %1").arg(countOf(params - summary.trainableParams)),
                        tr("MACs: %1").arg(countOf(summary.macs)),
                        tr("Activations: %1 per image")
                            .arg(fromUtf8(nn::byteText(summary.activationBytes)))}));
    m_totals->setToolTip(m_totals->text());
    m_copy->setEnabled(!summary.rows.empty());
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

void SummaryView::copyAs(SummaryStyle style) const {
    QGuiApplication::clipboard()->setText(summaryText(m_model->summary(), style));
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
