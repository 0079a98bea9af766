find_package(Threads REQUIRED)
target_link_libraries(torque_measure PRIVATE Threads::Threads)
