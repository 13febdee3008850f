#include "app/summary_text.h"

#include "app/document.h"
#include "app/totals.h"

#include "nn/model/summary.h"

namespace app {

namespace {

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

QString joined(const std::vector<std::string>& parts) {
    QStringList list;
    for (const std::string& part : parts) {
        list << text(part);
    }
    return list.join(", ");
}

} // namespace

widgets::SummaryValues summaryValues(const Document& document) {
    const nn::Summary summary = nn::summaryOf(document.graph(), document.inference());
    const Totals totals = totalsOf(document.inference());
    widgets::SummaryValues values;
    values.params = totals.params;
    values.trainableParams = totals.trainableParams;
    values.macs = totals.macs;
    values.activationBytes = totals.activationBytes;
    values.rows.reserve(summary.rows.size());
    for (const nn::SummaryRow& row : summary.rows) {
        widgets::SummaryRow shown;
        shown.node = row.id;
        shown.layer = text(row.name);
        shown.type = text(row.type);
        shown.outputShape = row.output ? text(nn::kerasShapeText(*row.output)) : QString("?");
        shown.params = row.params;
        shown.connectedTo = joined(nn::sourceNames(row));
        if (const nn::NodeInference* node = document.inference().find(row.id)) {
            shown.macs = node->cost.macs;
            shown.activationBytes = activationBytes(*node);
        }
        values.rows.push_back(std::move(shown));
    }
    return values;
}

QString summaryTextOf(const Document& document, widgets::SummaryStyle style) {
    const nn::Summary summary = nn::summaryOf(document.graph(), document.inference());
    const nn::SummaryTextOptions keras3;
    nn::SummaryTextOptions keras2;
    keras2.style = nn::SummaryStyle::Keras2;
    switch (style) {
    case widgets::SummaryStyle::Keras3:
        return text(nn::summaryText(summary, keras3));
    case widgets::SummaryStyle::Keras2:
        return text(nn::summaryText(summary, keras2));
    case widgets::SummaryStyle::Csv:
        return text(nn::summaryCsv(summary));
    }
    return {};
}

} // namespace app
