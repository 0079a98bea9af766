#include "sys/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/format.h"
#include "base/parse.h"

namespace torque {
namespace {

struct Stream {
    int fd;
    std::string head;  // served first
    bool head_served = false;
    bool at_end = false;
    bool ends_in_zeros = false;  // the last block of what was served
    std::array<char, 65536> chunk;
};

constexpr std::size_t kTarBlockBytes = 512;

la_ssize_t serve(Stream& stream, std::string_view chunk, const void** data) {
    const std::string_view last = chunk.substr(chunk.size() - std::min(chunk.size(), kTarBlockBytes));
    stream.ends_in_zeros = last.find_first_not_of('\0') == last.npos;
    *data = chunk.data();
    return static_cast<la_ssize_t>(chunk.size());
}

la_ssize_t next_chunk(struct archive*, void* context, const void** data) {
    auto& stream = *static_cast<Stream*>(context);
    if (!stream.head_served && !stream.head.empty()) {
        stream.head_served = true;
        return serve(stream, stream.head, data);
    }
    ssize_t n;
    do {
        n = ::read(stream.fd, stream.chunk.data(), stream.chunk.size());
    } while (n < 0 && errno == EINTR);
    stream.at_end = n == 0;
    return n > 0 ? serve(stream, {stream.chunk.data(), static_cast<std::size_t>(n)}, data) : n;
}

// A tar archive ends in blocks of zeros. One that merely stops between two files was cut; libarchive does not
// mind, and a compressor would have told, but a plain archive has nothing else to tell by.
bool is_cut(struct archive* reader, const Stream& stream) {
    return archive_filter_code(reader, 0) == ARCHIVE_FILTER_NONE && stream.at_end && !stream.ends_in_zeros;
}

struct ArchiveCloser {
    void operator()(struct archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<struct archive, ArchiveCloser>;

Archive new_reader() {
    Archive reader(archive_read_new());
    archive_read_support_filter_none(reader.get());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_bzip2(reader.get());
    archive_read_support_filter_xz(reader.get());
    archive_read_support_filter_lzma(reader.get());
    archive_read_support_filter_zstd(reader.get());
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_raw(reader.get());  // taken for what is nothing else
    return reader;
}

// Counts what has been read so far and says when it is too much.
class Budget {
  public:
    Budget(const ArchiveLimits& limits, const std::string& name) : limits_(limits), name_(name) {}

    Result<void> take(std::string_view path, std::uint64_t bytes) {
        ++entries_;
        bytes_ += bytes;
        const auto depth = static_cast<std::uint64_t>(std::count(path.begin(), path.end(), '/'));
        if (std::max(entries_, nodes_made) > limits_.entries_max)
            return refuse(formatted("it has more than {} entries", limits_.entries_max));
        if (depth > limits_.depth_max)
            return refuse(formatted("its folders are more than {} deep", limits_.depth_max));
        if (bytes > limits_.file_bytes_max) {
            return refuse(formatted("\"{}\" has {} bytes, and no file of a snapshot has more than {}",
                                    printable(path), bytes, limits_.file_bytes_max));
        }
        if (bytes_ > limits_.total_bytes_max) {
            return refuse(formatted("it unpacks to more than {} bytes", limits_.total_bytes_max));
        }
        return {};
    }

    std::uint64_t nodes_made = 0;  // files, links and folders, those too that a path merely implies

  private:
    tl::unexpected<Error> refuse(std::string why) const {
        return fail("the archive is too large to be a snapshot: " + std::move(why), name_,
                    "pack only sys/, proc/ and cpuid/");
    }

    const ArchiveLimits& limits_;
    const std::string& name_;
    std::uint64_t entries_ = 0;
    std::uint64_t bytes_ = 0;
};

Error unreadable(const char* why, const std::string& name) {
    return Error{formatted("cannot read the archive: {}", why), name,
                 "a snapshot is a tar archive, plain or compressed by gzip, bzip2, xz or zstd"};
}

Error broken(struct archive* reader, const std::string& name) {
    const char* why = archive_error_string(reader);
    return unreadable(why != nullptr ? why : "unknown format", name);
}

Error unknown_format(const std::string& name) {
    return unreadable("Unrecognized archive format", name);
}

Result<void> read_content(struct archive* reader, std::uint64_t size, std::string& text,
                          const std::string& name) {
    text.resize(size);
    std::size_t have = 0;
    while (have < text.size()) {
        const la_ssize_t n = archive_read_data(reader, text.data() + have, text.size() - have);
        if (n < 0) return tl::unexpected<Error>(broken(reader, name));
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
    }
    // tar pads what it packed straight from sysfs, where a file is shorter than it says, with NUL bytes.
    text.resize(have == 0 ? 0 : text.find_last_not_of('\0', have - 1) + 1);
    return {};
}

Result<void> add_entry(struct archive* reader, struct archive_entry* entry, MemoryNode& top, Budget& budget,
                       const std::string& name) {
    const char* raw_path = archive_entry_pathname(entry);
    const std::string_view path = raw_path != nullptr ? raw_path : "";
    const auto size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    if (Result<void> taken = budget.take(path, size); !taken) return taken;
    const auto type = archive_entry_filetype(entry);
    const char* hard_link = archive_entry_hardlink(entry);
    const char* link = type == AE_IFLNK ? archive_entry_symlink(entry) : nullptr;
    if (link == nullptr && hard_link == nullptr && type != AE_IFREG && type != AE_IFDIR) return {};

    MemoryNode* node = top.make(path, budget.nodes_made);
    if (node == nullptr || !node->entries.empty()) return {};  // leads outside, or stands in its own way
    if (hard_link != nullptr) {
        if (Result<void> taken = budget.take(hard_link, 0); !taken) return taken;
        const MemoryNode* target = top.make(hard_link, budget.nodes_made);
        if (target == nullptr || target == node || !target->entries.empty()) return {};
        const std::string text = target->text;  // a hard link costs its target's bytes again: count them
        if (Result<void> taken = budget.take(path, text.size()); !taken) return taken;
        *node = MemoryNode{MemoryNode::Kind::file, text, {}};
        return {};
    }
    if (link != nullptr) {
        *node = MemoryNode{MemoryNode::Kind::link, link, {}};
        return {};
    }
    if (type == AE_IFDIR) return {};
    node->kind = MemoryNode::Kind::file;
    return read_content(reader, size, node->text, name);
}

bool is_single_file(struct archive* reader) {
    return archive_format(reader) == ARCHIVE_FORMAT_RAW;
}

Result<std::string> read_single_file(struct archive* reader, std::uint64_t bytes_max,
                                     const std::string& name) {
    const bool is_plain = archive_filter_code(reader, 0) == ARCHIVE_FILTER_NONE;
    if (is_plain || bytes_max == 0) return tl::unexpected<Error>(unknown_format(name));
    std::string text;
    std::array<char, 65536> chunk;
    for (;;) {
        const la_ssize_t n = archive_read_data(reader, chunk.data(), chunk.size());
        if (n < 0) return tl::unexpected<Error>(broken(reader, name));
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
        if (text.size() > bytes_max)
            return fail(formatted("it unpacks to more than {} bytes", bytes_max), name);
    }
}

}  // namespace

Result<std::shared_ptr<const MemoryNode>> read_archive(int fd, std::string head, const std::string& name,
                                                       const ArchiveLimits& limits) {
    Result<Packed> packed = read_packed(fd, std::move(head), name, 0, limits);
    if (!packed) return tl::unexpected<Error>(packed.error());
    if (packed->tree == nullptr) return tl::unexpected<Error>(unknown_format(name));
    return std::move(packed->tree);
}

Result<Packed> read_packed(int fd, std::string head, const std::string& name, std::uint64_t text_bytes_max,
                           const ArchiveLimits& limits) {
    auto stream = std::make_unique<Stream>();
    stream->fd = fd;
    stream->head = std::move(head);
    const Archive reader = new_reader();
    if (archive_read_open(reader.get(), stream.get(), nullptr, next_chunk, nullptr) != ARCHIVE_OK) {
        return tl::unexpected<Error>(broken(reader.get(), name));
    }
    auto top = std::make_shared<MemoryNode>();
    Budget budget(limits, name);
    for (;;) {
        struct archive_entry* entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) {
            if (is_cut(reader.get(), *stream)) return fail("the archive is cut short", name, "copy it again");
            break;
        }
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
            return tl::unexpected<Error>(broken(reader.get(), name));
        if (is_single_file(reader.get())) {
            Result<std::string> text = read_single_file(reader.get(), text_bytes_max, name);
            if (!text) return tl::unexpected<Error>(text.error());
            return Packed{nullptr, std::move(*text)};
        }
        if (Result<void> added = add_entry(reader.get(), entry, *top, budget, name); !added) {
            return tl::unexpected<Error>(added.error());
        }
    }
    return Packed{std::move(top), {}};
}

Result<std::string> read_packed_text(std::string_view packed, const std::string& name,
                                     std::uint64_t text_bytes_max) {
    const Archive reader = new_reader();
    struct archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
        return tl::unexpected<Error>(broken(reader.get(), name));
    }
    if (!is_single_file(reader.get())) return tl::unexpected<Error>(unknown_format(name));
    return read_single_file(reader.get(), text_bytes_max, name);
}

}  // namespace torque
