// What is measured of Boost.Interprocess. Each function returns 0, or 1 if something was thrown.

#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/interprocess/managed_shared_memory.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <boost/version.hpp>

using namespace boost::interprocess;

template <class F> static int guarded(F work)
{
    try {
        work();
        return 0;
    } catch (...) {
        return 1;
    }
}

extern "C" {

int boost_version()
{
    return BOOST_VERSION;
}

int boost_lock(uint64_t times)
{
    static interprocess_mutex mutex;
    return guarded([=] {
        for (uint64_t i = 0; i < times; i++) {
            mutex.lock();
            mutex.unlock();
        }
    });
}

int boost_semaphore(uint64_t times)
{
    static interprocess_semaphore semaphore(0);
    return guarded([=] {
        for (uint64_t i = 0; i < times; i++) {
            semaphore.post();
            semaphore.wait();
        }
    });
}

// A managed segment, which is removed by boost_remove.
void *boost_heap(const char *name, size_t size)
{
    try {
        return new managed_shared_memory(create_only, name, size);
    } catch (...) {
        return nullptr;
    }
}

int boost_allocate(void *heap, uint64_t times, size_t size)
{
    return guarded([=] {
        auto *segment = static_cast<managed_shared_memory *>(heap);
        for (uint64_t i = 0; i < times; i++) {
            void *block = segment->allocate(size);
            asm volatile("" : : "r"(block) : "memory"); // it is used
            segment->deallocate(block);
        }
    });
}

int boost_create(const char *name, size_t size)
{
    return guarded([=] {
        {
            shared_memory_object object(create_only, name, read_write);
            object.truncate(size);
            mapped_region region(object, read_write);
        }
        shared_memory_object::remove(name);
    });
}

int boost_make(const char *name, size_t size)
{
    return guarded([=] {
        shared_memory_object object(create_only, name, read_write);
        object.truncate(size);
    });
}

int boost_open(const char *name)
{
    return guarded([=] {
        shared_memory_object object(open_only, name, read_write);
        mapped_region region(object, read_write);
    });
}

void boost_remove(const char *name)
{
    shared_memory_object::remove(name);
}

void *boost_queue(const char *name, int create, size_t count, size_t size)
{
    message_queue *queue = nullptr;
    guarded([&] {
        queue = create ? new message_queue(create_only, name, count, size) : new message_queue(open_only, name);
    });
    return queue;
}

int boost_send(void *queue, const void *bytes, size_t size)
{
    return guarded([=] { static_cast<message_queue *>(queue)->send(bytes, size, 0); });
}

int boost_receive(void *queue, void *bytes, size_t size)
{
    return guarded([=] {
        message_queue::size_type received;
        unsigned priority;
        static_cast<message_queue *>(queue)->receive(bytes, size, received, priority);
    });
}
}
