#include "app/dialogs/new_dialog.h"

#include "app/template_project.h"
#include "app/totals.h"

#include "nn/base/text.h"
#include "nn/model/summary.h"

#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace app {

namespace {

constexpr int kListWidth = 248;

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

/// Row 0 is the empty canvas.
const nn::Template* entryOf(int row) {
    return row <= 0 ? nullptr : &nn::templates()[static_cast<std::size_t>(row - 1)];
}

QString layerLines(const nn::Graph& graph, const nn::Inference& inference) {
    QStringList lines;
    for (const nn::NodeId id : inference.order) {
        const nn::Node* node = nn::findNode(graph, id);
        const nn::NodeInference* known = inference.find(id);
        const QString shape =
            known != nullptr && known->output ? text(nn::shapeText(*known->output)) : QString("?");
        lines << text(node->type).leftJustified(24) + shape;
    }
    return lines.join('\n');
}

} // namespace

NewDialog::NewDialog(QWidget* parent) : QDialog(parent) {
    using widgets::spacing::kUnit;
    using widgets::spacing::kWide;
    setObjectName("newDialog");
    setWindowTitle(tr("New Project"));
    resize(760, 520);
    m_list = new QListWidget(this);
    m_list->setObjectName("templates");
    m_list->setAccessibleName(tr("Networks to start from"));
    m_list->setFixedWidth(kListWidth);
    m_title = new QLabel(this);
    widgets::setTextRole(m_title, widgets::TextRole::Title);
    m_summary = new QLabel(this);
    m_facts = new QLabel(this);
    for (QLabel* label : {m_title, m_summary, m_facts}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_facts->setForegroundRole(QPalette::PlaceholderText);
    m_layers = new QPlainTextEdit(this);
    m_layers->setReadOnly(true);
    m_layers->setAccessibleName(tr("Layers of the network"));
    widgets::setTextRole(m_layers, widgets::TextRole::Mono);
    m_layers->setLineWrapMode(QPlainTextEdit::NoWrap);
    auto* buttons = new QDialogButtonBox(this);
    QPushButton* create = buttons->addButton(tr("&Create"), QDialogButtonBox::AcceptRole);
    create->setDefault(true);
    buttons->addButton(QDialogButtonBox::Cancel);

    auto* right = new QVBoxLayout;
    right->setSpacing(kUnit);
    right->addWidget(m_title);
    right->addWidget(m_summary);
    right->addWidget(m_facts);
    right->addWidget(m_layers, 1);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(kWide);
    middle->addWidget(m_list);
    middle->addLayout(right, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kWide, kWide, kWide, kWide);
    layout->setSpacing(kWide);
    layout->addLayout(middle, 1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &NewDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &NewDialog::reject);
    connect(m_list, &QListWidget::currentRowChanged, this, &NewDialog::showEntry);
    connect(m_list, &QListWidget::itemActivated, this, &NewDialog::accept);
    fillList();
}

void NewDialog::fillList() {
    m_list->addItem(tr("Empty canvas"));
    for (const nn::Template& entry : nn::templates()) {
        m_list->addItem(text(entry.title));
    }
    m_list->setCurrentRow(1);
    m_list->setFocus();
}

nn::Project NewDialog::project(int row) const {
    const nn::Template* entry = entryOf(row);
    return entry == nullptr ? nn::Project() : templateProject(*entry);
}

void NewDialog::showEntry(int row) {
    const nn::Template* entry = entryOf(row);
    if (entry == nullptr) {
        m_title->setText(tr("Empty canvas"));
        m_summary->setText(tr("Begin with nothing and drag the layers you want from the palette."));
        m_facts->clear();
        m_layers->clear();
        return;
    }
    m_title->setText(text(entry->title));
    m_summary->setText(text(entry->summary));
    const nn::Project made = project(row);
    const nn::Inference inference = nn::infer(*made.graph);
    const Totals totals = totalsOf(inference);
    m_facts->setText(tr("template:%1 · %2 weights · %3 MACs per image · data %4")
                         .arg(text(entry->name), text(nn::withThousands(totals.params)),
                              text(nn::countText(static_cast<double>(totals.macs))),
                              text(entry->data)));
    m_layers->setPlainText(layerLines(*made.graph, inference));
}

void NewDialog::accept() {
    const nn::Project made = project(m_list->currentRow());
    QDialog::accept();
    emit chosen(made);
}

} // namespace app
