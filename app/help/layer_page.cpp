#include "app/help/layer_page.h"

#include "app/help/layer_example.h"

#include "nn/base/text.h"
#include "nn/io/keras_code.h"
#include "nn/model/cost.h"
#include "nn/model/registry.h"

#include "widgets/save_file.h"
#include "widgets/text.h"
#include "widgets/theme.h"

#include <QCoreApplication>
#include <QDir>
#include <algorithm>

namespace app {

namespace {

using widgets::fromUtf8;

QString text(const char* source) {
    return QCoreApplication::translate("LayerPage", source);
}

QString defaultText(const nn::ParamSpec& spec) {
    return spec.required ? text("required") : fromUtf8(nn::pythonText(spec.defaultValue));
}

/// "(6, 6, 1) → (4, 4, 6), 60 parameters"
QString exampleText(const LayerExample& example) {
    const nn::NodeInference& known = example.known();
    QStringList inputs;
    for (const nn::Shape& shape : known.inputShapes) {
        inputs << fromUtf8(nn::shapeText(shape));
    }
    const QString output = known.output ? fromUtf8(nn::shapeText(*known.output)) : QString();
    const std::int64_t params = nn::paramsOf(known);
    const QString counted = params == 0 ? text("no parameters")
                            : params == 1
                                ? text("1 parameter")
                                : text("%1 parameters").arg(fromUtf8(nn::withThousands(params)));
    return inputs.isEmpty()
               ? QStringLiteral("%1, %2").arg(output, counted)
               : QStringLiteral("%1 → %2, %3").arg(inputs.join(text(" and ")), output, counted);
}

QString kerasLine(const nn::LayerDef& def, const std::optional<LayerExample>& example) {
    if (example) {
        nn::Node layer = example->layer();
        if (const auto range = layer.params.find("value_range"); range != layer.params.end()) {
            range->second = std::vector<double>{0.0, 1.0}; // that of the images here
        }
        return fromUtf8(nn::io::kerasLayerCode(layer));
    }
    return fromUtf8(nn::io::kerasLayerCode(
        {.id = 1, .type = def.type, .name = nn::snakeCase(def.type), .params = def.exampleParams}));
}

QString paragraph(const QString& content) {
    return QStringLiteral("<p>%1</p>").arg(content);
}

QString heading(const QString& content) {
    return QStringLiteral("<h3>%1</h3>").arg(content);
}

QString lines(const std::string& content) {
    return fromUtf8(content).toHtmlEscaped().replace(u'\n', QStringLiteral("<br>"));
}

QString argumentsHtml(const nn::LayerDef& def, const QString& muted) {
    QString html;
    for (const nn::ParamSpec& spec : def.params) {
        html += QStringLiteral("<p><b>%1</b> <span style='color:%2'>= %3</span><br>%4<br>"
                               "<span style='color:%2'>%5</span></p>")
                    .arg(fromUtf8(spec.name), muted, defaultText(spec).toHtmlEscaped(),
                         fromUtf8(spec.help).toHtmlEscaped(),
                         text("Expects %1.").arg(fromUtf8(nn::acceptedText(spec)).toHtmlEscaped()));
    }
    return html;
}

/// A cell of a Markdown table.
QString cell(const QString& content) {
    return QString(content).replace(u'|', QStringLiteral("\\|")).replace(u'\n', u' ');
}

QString argumentsMarkdown(const nn::LayerDef& def) {
    QString page =
        QStringLiteral("| argument | default | accepts | meaning |\n|---|---|---|---|\n");
    for (const nn::ParamSpec& spec : def.params) {
        page += QStringLiteral("| `%1` | %2 | %3 | %4 |\n")
                    .arg(fromUtf8(spec.name),
                         spec.required ? QStringLiteral("required")
                                       : QStringLiteral("`%1`").arg(cell(defaultText(spec))),
                         cell(fromUtf8(nn::acceptedText(spec))), cell(fromUtf8(spec.help)));
    }
    return page;
}

QString formulaMarkdown(const QString& name, const std::string& formula) {
    QString page;
    for (const std::string& line : nn::split(formula, '\n')) {
        page += QStringLiteral("- %1: %2\n").arg(name, fromUtf8(line));
    }
    return page;
}

template <typename Group, typename Entry>
QString listedByCategory(Group group, Entry entry) {
    QString list;
    std::optional<nn::Category> category;
    for (const nn::LayerDef& def : nn::layerDefs()) {
        if (category != def.category) {
            category = def.category;
            list += group(fromUtf8(nn::categoryName(def.category)));
        }
        list += entry(def);
    }
    return list;
}

} // namespace

QString layerPageHtml(const nn::LayerDef& def, const widgets::Theme& theme) {
    const QString muted = theme.mutedText.name();
    QString html =
        QStringLiteral("<p><a href='layers:'>%1</a> · %2</p><h2>%3</h2>")
            .arg(text("All layers"), fromUtf8(nn::categoryName(def.category)), fromUtf8(def.type));
    html += paragraph(fromUtf8(def.summary).toHtmlEscaped());
    html += QStringLiteral("<p><img src='%1'></p>").arg(QLatin1String(kFigureUrl));
    html += paragraph(fromUtf8(def.help).toHtmlEscaped());
    html += heading(text("Shape and parameters"));
    html += paragraph(text("Output: ") + lines(def.shapeFormula));
    html += paragraph(def.paramsFormula.empty() ? text("No parameters.")
                                                : text("Parameters: ") + lines(def.paramsFormula));
    const std::optional<LayerExample> example = layerExample(def);
    if (example) {
        html += paragraph(text("Example: ") + exampleText(*example));
    }
    if (!def.params.empty()) {
        html += heading(text("Arguments")) + argumentsHtml(def, muted);
    }
    html += heading(text("In Keras"));
    return html + QStringLiteral("<pre style='white-space:pre-wrap'>%1</pre>")
                      .arg(kerasLine(def, example).toHtmlEscaped());
}

QString layerIndexHtml(const widgets::Theme& theme) {
    const QString muted = theme.mutedText.name();
    return QStringLiteral("<h2>%1</h2>").arg(text("Layers")) +
           listedByCategory([](const QString& name) { return heading(name); },
                            [&](const nn::LayerDef& def) {
                                return QStringLiteral("<p><a href='layer:%1'>%1</a><br>"
                                                      "<span style='color:%2'>%3</span></p>")
                                    .arg(fromUtf8(def.type), muted,
                                         fromUtf8(def.summary).toHtmlEscaped());
                            });
}

QString layerPageName(const nn::LayerDef& def) {
    return fromUtf8(nn::snakeCase(def.type));
}

QString layerPageMarkdown(const nn::LayerDef& def) {
    QString page = QStringLiteral("# %1\n\n%2. %3\n\n")
                       .arg(fromUtf8(def.type), fromUtf8(nn::categoryName(def.category)),
                            fromUtf8(def.summary));
    page += QStringLiteral("![%1: what goes in, what comes out](%2.png)\n\n%3\n\n")
                .arg(fromUtf8(def.type), layerPageName(def), fromUtf8(def.help));
    page += QStringLiteral("## Shape and parameters\n\n");
    page += formulaMarkdown(QStringLiteral("output"), def.shapeFormula);
    page += def.paramsFormula.empty()
                ? QStringLiteral("- no parameters\n")
                : formulaMarkdown(QStringLiteral("parameters"), def.paramsFormula);
    const std::optional<LayerExample> example = layerExample(def);
    if (example) {
        page += QStringLiteral("- example: %1\n").arg(exampleText(*example));
    }
    if (!def.params.empty()) {
        page += QStringLiteral("\n## Arguments\n\n") + argumentsMarkdown(def);
    }
    const QString indent(4, u' ');
    return page + QStringLiteral("\n## In Keras\n\n") + indent +
           kerasLine(def, example).replace(u'\n', u'\n' + indent) + u'\n';
}

QString layerIndexMarkdown() {
    return QStringLiteral(
               "# Layers\n\nWritten by `./dev pages` from the program's own definitions.\n"
               "The same pages are in the window: F1 on a selected layer.\n") +
           listedByCategory(
               [](const QString& name) { return QStringLiteral("\n## %1\n\n").arg(name); },
               [](const nn::LayerDef& def) {
                   return QStringLiteral("- [%1](%2.md): %3\n")
                       .arg(fromUtf8(def.type), layerPageName(def), fromUtf8(def.summary));
               });
}

QString writeLayerPages(const QString& folder) {
    const QDir pages(folder);
    if (!pages.mkpath(QStringLiteral("."))) {
        return text("The folder %1 could not be made.").arg(folder);
    }
    QString problem = widgets::writeFile(pages.filePath(QStringLiteral("README.md")),
                                         layerIndexMarkdown().toUtf8());
    for (const nn::LayerDef& def : nn::layerDefs()) {
        const QString base = pages.filePath(layerPageName(def));
        const QImage figure =
            widgets::layerFigureImage(layerFigure(def), widgets::Theme::light(), 2.0);
        for (const auto& [suffix, bytes] :
             {std::pair{QStringLiteral(".md"), layerPageMarkdown(def).toUtf8()},
              std::pair{QStringLiteral(".png"), widgets::pngBytes(figure)}}) {
            if (problem.isEmpty()) {
                problem = widgets::writeFile(base + suffix, bytes);
            }
        }
    }
    return problem;
}

} // namespace app
