#include "app/training/evaluation_view.h"

#include "app/session.h"

#include "widgets/images/confusion_view.h"
#include "widgets/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>
#include <cmath>

namespace app {

namespace {

QString percent(double part) {
    return std::isnan(part) ? QStringLiteral("–")
                            : QLocale().toString(100.0 * part, 'f', 1) + QStringLiteral(" %");
}

QString summaryOf(const EvaluationReport& report) {
    const nn::Evaluation& result = report.result;
    QStringList parts{
        report.isTest
            ? EvaluationView::tr("%1 test images").arg(result.images)
            : EvaluationView::tr("%1 training images: there are no others").arg(result.images),
        EvaluationView::tr("loss %1").arg(QLocale().toString(result.loss, 'f', 4))};
    if (!std::isnan(result.accuracy)) {
        parts << EvaluationView::tr("accuracy %1").arg(percent(result.accuracy));
    }
    for (const nn::NamedValue& value : result.values) {
        parts << QString::fromStdString(value.name) + u' ' +
                     QLocale().toString(value.value, 'g', 4);
    }
    return parts.join(QStringLiteral("  ·  "));
}

/// A number that is sorted as one.
QStandardItem* numberItem(double value, const QString& text) {
    auto* item = new QStandardItem(text);
    item->setData(std::isnan(value) ? -1.0 : value, Qt::UserRole);
    item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    item->setEditable(false);
    return item;
}

/// The class that a class is most often taken for, -1 when it never is.
int mostTakenFor(const nn::Confusion& confusion, std::int64_t truth) {
    std::int64_t most = 0;
    int found = -1;
    for (std::int64_t said = 0; said < confusion.classes; ++said) {
        if (said != truth && confusion.count(truth, said) > most) {
            most = confusion.count(truth, said);
            found = static_cast<int>(said);
        }
    }
    return found;
}

} // namespace

EvaluationView::EvaluationView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_summary(new QLabel(this)),
      m_matrix(new widgets::ConfusionView(this)), m_table(new QTableView(this)) {
    setObjectName("evaluation");
    m_summary->setObjectName("evaluationSummary");
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table->setAccessibleName(tr("How well each class is recognised"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSortingEnabled(true);
    m_table->verticalHeader()->hide();
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    auto* parts = new QSplitter(Qt::Horizontal, this);
    parts->setChildrenCollapsible(false);
    parts->addWidget(m_matrix);
    parts->addWidget(m_table);
    parts->setStretchFactor(0, 1);
    parts->setStretchFactor(1, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_summary->setContentsMargins(widgets::spacing::kUnit, widgets::spacing::kTight,
                                  widgets::spacing::kUnit, widgets::spacing::kTight);
    column->addWidget(m_summary);
    column->addWidget(parts, 1);
    connect(&session.evaluation, &EvaluationWatch::changed, this, &EvaluationView::refresh);
    connect(m_matrix, &widgets::ConfusionView::cellActivated, this, &EvaluationView::showSample);
    session.evaluation.addViewer(this);
    refresh();
}

void EvaluationView::refresh() {
    const EvaluationReport* report = m_session.evaluation.report();
    m_summary->setVisible(report != nullptr);
    const bool hasClasses = report != nullptr && report->result.confusion.classes > 0;
    m_table->setVisible(hasClasses);
    if (report != nullptr) {
        m_summary->setText(summaryOf(*report));
    }
    if (!hasClasses) {
        const bool hasSeveral = m_session.document.inference().outputs.size() > 1;
        m_matrix->clear(report == nullptr ? m_session.evaluation.emptyText()
                        : hasSeveral
                            ? tr("Classes are compared for networks with one output; the figures "
                                 "of each are above.")
                            : tr("This network does not choose one class for each image, so there "
                                 "is none to confuse."));
        return;
    }
    const nn::Confusion& confusion = report->result.confusion;
    m_matrix->setCounts(report->classes, {confusion.counts.begin(), confusion.counts.end()});
    fillTable(*report);
}

void EvaluationView::fillTable(const EvaluationReport& report) {
    auto* model = new QStandardItemModel(m_table);
    model->setSortRole(Qt::UserRole);
    model->setHorizontalHeaderLabels({tr("class"), tr("images"), tr("precision"), tr("recall"),
                                      tr("F1"), tr("mostly taken for")});
    const std::vector<nn::ClassFigures> figures = nn::classFigures(report.result.confusion);
    for (std::size_t k = 0; k < figures.size(); ++k) {
        const nn::ClassFigures& figure = figures[k];
        const int other = mostTakenFor(report.result.confusion, static_cast<std::int64_t>(k));
        auto* name = new QStandardItem(report.classes[static_cast<qsizetype>(k)]);
        name->setData(static_cast<int>(k), Qt::UserRole);
        name->setEditable(false);
        auto* takenFor = new QStandardItem(other < 0 ? QStringLiteral("–") : report.classes[other]);
        takenFor->setData(takenFor->text(), Qt::UserRole);
        takenFor->setEditable(false);
        const auto images = static_cast<double>(figure.images);
        model->appendRow({name, numberItem(images, QLocale().toString(figure.images)),
                          numberItem(figure.precision, percent(figure.precision)),
                          numberItem(figure.recall, percent(figure.recall)),
                          numberItem(figure.f1, percent(figure.f1)), takenFor});
    }
    QAbstractItemModel* before = m_table->model();
    m_table->setModel(model);
    delete before;
    m_table->sortByColumn(0, Qt::AscendingOrder);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
}

void EvaluationView::showSample(int truth) {
    m_session.inspection.setSampleClass(truth);
}

} // namespace app
