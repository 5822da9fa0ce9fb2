// What is hard on an unwinder that remembers: four threads throw through recursion of changing depth, past
// the depth limit once, while a timer's handler allocates in the middle of anything.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/time.h>
#include <thread>
#include <vector>

static std::function<int(int)> descend = [](int depth) -> int {
        std::string text(static_cast<size_t>(depth % 50 + 20), 'x');
        if (depth == 0)
                throw std::runtime_error("the bottom " + text);
        return descend(depth - 1) + static_cast<int>(text.size());
};

static void allocate_in_handler(int) {
        free(malloc(33));
}

int main() {
        struct sigaction action = {};
        action.sa_handler = allocate_in_handler;
        sigaction(SIGALRM, &action, nullptr);
        const itimerval every_millisecond = { { 0, 1000 }, { 0, 1000 } };
        setitimer(ITIMER_REAL, &every_millisecond, nullptr);

        std::vector<std::thread> threads;
        int caught[4] = {};
        for (int &count : caught)
                threads.emplace_back([&count] {
                        for (int i = 0; i < 600; i++) {
                                std::map<int, std::string> map;
                                for (int j = 0; j < 20; j++)
                                        map[j] = std::string(static_cast<size_t>(j) * 3, 'a');
                                try {
                                        descend(i % 300);
                                } catch (const std::exception &) {
                                        count++;
                                }
                        }
                });
        for (std::thread &thread : threads)
                thread.join();
        try {
                descend(2500);
        } catch (const std::exception &) {
                caught[0]++;
        }
        std::printf("%d\n", caught[0] + caught[1] + caught[2] + caught[3]);
        return caught[0] + caught[1] + caught[2] + caught[3] == 2401 ? 0 : 1;
}
