#include "nn/io/file.h"
#include "nn/io/json.h"
#include "nn/io/npy.h"
#include "nn/io/safetensors.h"

#include <QTemporaryDir>
#include <QTest>
#include <cstring>

namespace {

nn::Tensor counted(nn::Shape shape) {
    nn::Tensor tensor(std::move(shape));
    float next = -1.5F;
    for (float& value : tensor.values()) {
        value = next;
        next += 0.25F;
    }
    return tensor;
}

std::string withHead(const std::string& json, std::size_t dataBytes) {
    std::string text(8, '\0');
    const std::uint64_t length = json.size();
    std::memcpy(text.data(), &length, 8);
    return text + json + std::string(dataBytes, '\0');
}

std::string npyWith(const std::string& header, const std::string& data) {
    std::string text("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(header.size() & 0xFF);
    text += static_cast<char>(header.size() >> 8);
    return text + header + data;
}

} // namespace

class TestTensorFiles : public QObject {
    Q_OBJECT

private slots:
    void safetensorsComeBack() {
        const QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("w.safetensors")).toStdString();
        const std::vector<nn::io::NamedTensor> tensors{{"conv2d/kernel", counted({3, 3, 1, 4})},
                                                       {"conv2d/bias", counted({4})},
                                                       {"scalar", counted({})}};
        QVERIFY(nn::io::saveSafetensors(file, tensors));
        const auto loaded = nn::io::tensorsFromSafetensors(*nn::io::fileContent(file));
        QVERIFY(loaded);
        QVERIFY(*loaded == tensors);
    }

    void safetensorsAreCheckedBeforeTheyAreRead_data() {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* head, int bytes, const char* expected) {
            QTest::newRow(name) << QByteArray(head) << bytes << QByteArray(expected);
        };
        row("overlap",
            R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
            12, "inside another");
        row("hole",
            R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
            12, "hole");
        row("too long", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 8, "cut off");
        row("too short", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, "holds 8");
        row("shape", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}})", 4, "agree");
        row("overflow",
            R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}})",
            4, "agree");
        row("negative", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "shape");
        row("type", R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8, "float32");
        row("twice", R"({"a":{},"a":{}})", 0, "twice");
        row("no object", "[1]", 0, "object");
        row("no JSON", "{", 0, "JSON");
    }

    void safetensorsAreCheckedBeforeTheyAreRead() {
        QFETCH(QByteArray, head);
        QFETCH(int, bytes);
        QFETCH(QByteArray, expected);
        const auto loaded = nn::io::tensorsFromSafetensors(
            withHead(head.toStdString(), static_cast<std::size_t>(bytes)));
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.find(expected.toStdString()) != std::string::npos,
                 loaded.error().message.c_str());
    }

    void aLyingHeadLengthIsRefused() {
        std::string text = withHead("{}", 0);
        text[6] = '\x7f';
        QVERIFY(!nn::io::tensorsFromSafetensors(text));
        QVERIFY(!nn::io::tensorsFromSafetensors("short"));
    }

    void npyComesBack() {
        for (const nn::Shape& shape : {nn::Shape{}, nn::Shape{5}, nn::Shape{2, 3, 4, 1}}) {
            const nn::Tensor tensor = counted(shape);
            const std::string text = nn::io::npyText(tensor);
            QCOMPARE((text.size() - static_cast<std::size_t>(tensor.size()) * 4) % 64,
                     std::size_t{0});
            const auto loaded = nn::io::tensorFromNpy(text);
            QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
            QVERIFY(*loaded == tensor);
        }
    }

    void npyReadsOtherNumbers() {
        const auto bytes = nn::io::tensorFromNpy(npyWith(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }\n", "\x01\x02\x03\xff"));
        QVERIFY(bytes);
        QCOMPARE(bytes->values()[3], 255.0F);
        const double number = -2.5;
        std::string data(8, '\0');
        std::memcpy(data.data(), &number, 8);
        const auto doubles = nn::io::tensorFromNpy(
            npyWith("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", data));
        QCOMPARE(doubles->values()[0], -2.5F);
    }

    void npyRefusesWhatItCannotRead() {
        const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
        const std::pair<std::string, const char*> cases[] = {
            {"PK\x03\x04", "NUMPY"},
            {npyWith(good, "\1\2\3"), "needs 4 bytes"},
            {npyWith("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", "abcd"), "|O"},
            {npyWith("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }\n", "abcd"),
             "ascontiguousarray"},
            {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999, "
                     "99999999999999), }\n",
                     "abcd"),
             "needs"},
            {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", "abcd"),
             "shape"}};
        for (const auto& [text, expected] : cases) {
            const auto loaded = nn::io::tensorFromNpy(text);
            QVERIFY(!loaded);
            QVERIFY2(loaded.error().message.find(expected) != std::string::npos,
                     loaded.error().message.c_str());
        }
        for (std::size_t size = 0; size < 64; ++size) {
            QVERIFY(!nn::io::tensorFromNpy(npyWith(good, "abcd").substr(0, size)));
        }
    }

    void jsonSaysWhereItIsWrong() {
        const auto json = nn::io::parsedJson("{\n  \"a\": ?\n}");
        QVERIFY(!json);
        QVERIFY2(json.error().message.find("line 2, column 8") != std::string::npos,
                 json.error().message.c_str());
    }

    void jsonRefusesDepth() {
        QVERIFY(nn::io::parsedJson(std::string(60, '[') + std::string(60, ']')));
        const auto deep = nn::io::parsedJson(std::string(100'000, '['));
        QVERIFY(!deep);
        QVERIFY(!nn::io::parsedJson(std::string(70, '[') + std::string(70, ']')));
    }
};

QTEST_APPLESS_MAIN(TestTensorFiles)
#include "tst_tensor_files.moc"
