// Row 26: malloc beside an operator new that does not call it. What C++ allocates is not counted here.
#include <vector>

#include "../harness.h"

int main() {
        std::vector<int> *numbers = new std::vector<int>(1000);
        h_say("%d\n", (*numbers)[999]);
        h_free(h_malloc(123), 123);
        delete numbers;
        h_report(H_ONE_THREAD, "exited", 0);
        return 0;
}
