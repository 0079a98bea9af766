// A kernel's files in memory, that can refuse, go away, and end the process at any step.
#pragma once

#include <cerrno>
#include <map>
#include <set>
#include <string>

#include "base/parse.h"
#include "sys/files.h"
#include "sys/journal_file.h"

namespace fake {

struct Killed {};

// Ends the process at the step of that number: before it, half done, or after it.
struct Fate {
    enum class When { before, half, after };
    int step_last = 1 << 20;
    When when = When::before;
    int step = 0;

    template <class Half, class Whole>
    auto live(Half half, Whole whole) {
        const bool dies = step++ == step_last;
        if (dies && when == When::before) throw Killed();
        if (dies && when == When::half) {
            half();
            throw Killed();
        }
        auto result = whole();
        if (dies) throw Killed();
        return result;
    }
};

class Kernel final : public torque::Files {
  public:
    explicit Kernel(Fate& fate) : fate_(fate) {}

    std::map<std::string, std::string> files;
    std::set<std::string> folders;
    std::map<std::string, int> refuses;  // what a write to it is answered
    std::string partition_answer;        // in place of what is written to cpuset.cpus.partition

    torque::Content read(const std::string& path) const override {
        const auto found = files.find(path);
        return found == files.end() ? torque::Content{ENOENT, {}} : torque::Content{0, found->second};
    }

    int write(const std::string& path, const std::string& bytes) override {
        return fate_.live([] {}, [&] { return take(path, bytes); });
    }

    int replace(const std::string& path, const std::optional<std::string>& bytes) override {
        return fate_.live([] {},
                          [&] {
                              if (refuses.count(path) > 0) return refuses[path];
                              if (bytes) {
                                  files[path] = *bytes;
                              } else {
                                  files.erase(path);
                              }
                              return 0;
                          });
    }

    void discard(const std::string&) override {}

    // A control group, with its files.
    int make_folder(const std::string& path) override {
        return fate_.live([] {},
                          [&] {
                              folders.insert(path);
                              files[path + "/cpuset.cpus"] = "\n";
                              files[path + "/cpuset.cpus.partition"] = "member\n";
                              return 0;
                          });
    }

    int remove_folder(const std::string& path) override {
        return fate_.live([] {},
                          [&] {
                              if (refuses.count(path) > 0) return refuses[path];
                              folders.erase(path);
                              files.erase(path + "/cpuset.cpus");
                              files.erase(path + "/cpuset.cpus.partition");
                              return 0;
                          });
    }

    bool is_folder(const std::string& path) const override { return folders.count(path) > 0; }

  private:
    int take(const std::string& path, const std::string& bytes) {
        if (refuses.count(path) > 0) return refuses[path];
        if (files.count(path) == 0) return ENOENT;
        std::string& held = files[path];
        const std::string word(torque::trim_space(bytes));
        if (path.ends_with("/cgroup.subtree_control")) {
            const std::string name = word.substr(1), text = " " + held.substr(0, held.size() - 1) + " ";
            const std::size_t at = text.find(" " + name + " ");
            if (word.front() == '+' && at == text.npos) held = name + " " + held;
            if (word.front() == '-' && at != text.npos) held.erase(at, name.size() + 1);
        } else if (const std::size_t at = held.find(word); held.find('[') != held.npos) {
            if (at == held.npos) return EINVAL;
            std::erase_if(held, [](char c) { return c == '[' || c == ']'; });
            held.replace(held.find(word), word.size(), "[" + word + "]");
        } else {
            held = path.ends_with(".partition") && !partition_answer.empty() && word != "member"
                       ? partition_answer
                       : word + "\n";
        }
        return 0;
    }

    Fate& fate_;
};

class Log final : public torque::JournalLog {
  public:
    Log(std::string& text, Fate& fate) : text_(text), fate_(fate) {}

    torque::Result<void> append(std::string_view lines) override {
        return fate_.live([&] { text_ += lines.substr(0, lines.size() / 2); },
                          [&]() -> torque::Result<void> {
                              if (is_full) return torque::fail("no space left");
                              text_ += lines;
                              return {};
                          });
    }
    torque::Result<void> append_later(std::string_view lines) override { return append(lines); }
    torque::Result<void> clear() override {
        return fate_.live([] {},
                          [&] {
                              text_.clear();
                              return torque::Result<void>();
                          });
    }

    bool is_full = false;

  private:
    std::string& text_;
    Fate& fate_;
};

}  // namespace fake
