#include "app/summary_text.h"

#include "app/document.h"

#include "nn/model/summary.h"

namespace app {

namespace {

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

} // namespace

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
