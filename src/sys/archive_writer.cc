#include "sys/archive_writer.h"
#include "base/format.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace torque {
namespace {

// The tar format is written here and not by libarchive: whichever of its tar writers is used, its static
// library brings all of its formats along, and with them libxml2.
constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kNameBytes = 100;  // of a name or a link's target in a header

constexpr char kFile = '0', kLink = '2', kFolder = '5';
constexpr char kLongName = 'L', kLongTarget = 'K';  // GNU tar: the next entry's, as this entry's content

// POSIX.1-1988 ustar: offsets in the header block.
struct Field {
    std::size_t at, bytes;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12},
    kSum{148, 8}, kType{156, 1}, kTarget{157, 100}, kMagic{257, 8};

void put(std::array<char, kBlockBytes>& block, Field field, std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), field.bytes),
                block.begin() + static_cast<std::ptrdiff_t>(field.at));
}

void add_header(std::string& tar, std::string_view path, char type, std::string_view target,
                std::size_t size) {
    std::array<char, kBlockBytes> block{};
    put(block, kName, path);
    put(block, kMode, type == kFolder ? "0000755" : type == kLink ? "0000777" : "0000644");
    put(block, kUid, "0000000");
    put(block, kGid, "0000000");
    put(block, kSize, formatted("{:011o}", size));
    put(block, kTime, "00000000000");
    put(block, kSum, "        ");
    put(block, kType, std::string_view(&type, 1));
    put(block, kTarget, target);
    put(block, kMagic, "ustar  ");  // GNU's, with the final NUL
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    put(block, kSum, formatted("{:06o}{}", sum, '\0'));
    tar.append(block.data(), block.size());
}

void add_content(std::string& tar, std::string_view content) {
    tar.append(content);
    tar.append((kBlockBytes - content.size() % kBlockBytes) % kBlockBytes, '\0');
}

void add_long(std::string& tar, char type, std::string_view text) {
    if (text.size() <= kNameBytes) return;
    const std::string terminated = std::string(text) + '\0';
    add_header(tar, "././@LongLink", type, {}, terminated.size());
    add_content(tar, terminated);
}

void add_entry(std::string& tar, const std::string& path, const MemoryNode& node) {
    const bool is_file = node.kind == MemoryNode::Kind::file, is_link = node.kind == MemoryNode::Kind::link;
    const std::string name = is_file || is_link ? path : path + "/";
    const std::string_view target = is_link ? std::string_view(node.text) : std::string_view();
    add_long(tar, kLongTarget, target);
    add_long(tar, kLongName, name);
    add_header(tar, name,
               is_file   ? kFile
               : is_link ? kLink
                         : kFolder,
               target, is_file ? node.text.size() : 0);
    if (is_file) add_content(tar, node.text);
}

// Folders before what they hold. The depth is that of the tree, which its maker bounds.
void add_folder(std::string& tar, const std::string& path, const MemoryNode& folder) {
    for (const auto& [name, node] : folder.entries) {
        const std::string below = path.empty() ? name : path + "/" + name;
        add_entry(tar, below, node);
        add_folder(tar, below, node);
    }
}

struct ArchiveCloser {
    void operator()(struct archive* writer) const { archive_write_free(writer); }
};
using Archive = std::unique_ptr<struct archive, ArchiveCloser>;

struct EntryCloser {
    void operator()(struct archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<struct archive_entry, EntryCloser>;

la_ssize_t append(struct archive*, void* context, const void* data, std::size_t size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
}

int add_filter(struct archive* writer, Compression compression) {
    if (compression == Compression::xz) return archive_write_add_filter_xz(writer);
    if (compression == Compression::zstd) return archive_write_add_filter_zstd(writer);
    const int added = archive_write_add_filter_gzip(writer);
    archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr);  // else the header holds the time
    return added;
}

Result<std::string> compress(const std::string& tar, Compression compression) {
    std::string bytes;
    const Archive writer(archive_write_new());
    archive_write_set_bytes_per_block(writer.get(), 0);
    const Entry entry(archive_entry_new());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    const bool done =
        archive_write_set_format_raw(writer.get()) == ARCHIVE_OK &&
        add_filter(writer.get(), compression) == ARCHIVE_OK &&
        archive_write_open(writer.get(), &bytes, nullptr, append, nullptr) == ARCHIVE_OK &&
        archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK &&
        archive_write_data(writer.get(), tar.data(), tar.size()) == static_cast<la_ssize_t>(tar.size()) &&
        archive_write_close(writer.get()) == ARCHIVE_OK;
    if (done) return bytes;
    const char* why = archive_error_string(writer.get());
    return fail(std::string("cannot pack the archive: ") +
                (why != nullptr ? why : "libarchive does not say why"));
}

}  // namespace

std::optional<Compression> compression_of(std::string_view file_name) {
    static constexpr std::pair<std::string_view, Compression> kEnds[] = {
        {".tar", Compression::none},  {".tar.gz", Compression::gzip},  {".tgz", Compression::gzip},
        {".tar.xz", Compression::xz}, {".tar.zst", Compression::zstd},
    };
    for (const auto& [end, compression] : kEnds) {
        if (file_name.ends_with(end)) return compression;
    }
    return std::nullopt;
}

Result<std::string> write_archive(const MemoryNode& top, Compression compression) {
    std::string tar;
    add_folder(tar, "", top);
    tar.append(2 * kBlockBytes, '\0');
    if (compression == Compression::none) return tar;
    return compress(tar, compression);
}

}  // namespace torque
