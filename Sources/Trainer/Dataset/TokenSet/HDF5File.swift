import CHDF5
import Dispatch

/// The small part of HDF5 that token sets need: groups, 2-D integer datasets, fixed-length strings, attributes.
///
/// Every call gives nil or false where HDF5 fails; what that means to a person is the caller's to say.
struct HDF5File: ~Copyable {
    private let file: hid_t
    /// HDF5 as distributions build it crashes when two threads enter it: a process has one file open at a time.
    private static let turn = DispatchSemaphore(value: 1)

    static func open(_ path: String) -> HDF5File? {
        inTurn { H5Fopen(path, hdf5_read_only(), hdf5_default()) }
    }

    static func create(_ path: String) -> HDF5File? {
        inTurn { H5Fcreate(path, hdf5_truncate(), hdf5_default(), hdf5_default()) }
    }

    /// Waits until no other file is open; the turn ends when this one is closed.
    private static func inTurn(_ open: () -> hid_t) -> HDF5File? {
        turn.wait()
        hdf5_silence()
        let file = open()
        guard file >= 0 else {
            turn.signal()
            return nil
        }
        return HDF5File(file: file)
    }

    private init(file: hid_t) {
        self.file = file
    }

    deinit {
        H5Fclose(file)
        HDF5File.turn.signal()
    }

    /// Writes what is buffered; false when the disk refused.
    func flush() -> Bool { H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 }

    func createGroup(_ name: String) -> Bool {
        let group = H5Gcreate2(file, name, hdf5_default(), hdf5_default(), hdf5_default())
        return group >= 0 && H5Gclose(group) >= 0
    }
}

// MARK: Integer tables

extension HDF5File {
    /// Writes `values` as rows of `columns`, one chunk a row: random rows are read fastest so (4 microseconds each).
    func write(_ name: String, values: [Int32], columns: Int) -> Bool {
        let shape = [hsize_t(values.count / columns), hsize_t(columns)]
        let space = H5Screate_simple(2, shape, nil)
        let creation = H5Pcreate(hdf5_dataset_creation())
        defer {
            H5Pclose(creation)
            H5Sclose(space)
        }
        if !values.isEmpty { H5Pset_chunk(creation, 2, [1, hsize_t(columns)]) }
        let dataset = H5Dcreate2(
            file, name, hdf5_stored_int32(), space, hdf5_default(), creation, hdf5_default())
        guard dataset >= 0 else { return false }
        defer { H5Dclose(dataset) }
        return values.isEmpty
            || H5Dwrite(dataset, hdf5_native_int32(), hdf5_whole_space(), hdf5_whole_space(), hdf5_default(), values)
                >= 0
    }

    /// A whole integer table with its number of columns.
    ///
    /// Nil also when the file holds fewer bytes than the shape asks for, so a damaged shape allocates nothing.
    func readTable(_ name: String) -> (values: [Int32], columns: Int)? {
        let dataset = H5Dopen2(file, name, hdf5_default())
        guard dataset >= 0 else { return nil }
        defer { H5Dclose(dataset) }
        guard let shape = shape(of: dataset), shape.count == 2, let type = elementType(of: dataset),
            type.kind == H5T_INTEGER
        else { return nil }
        let (count, overflow) = shape[0].multipliedReportingOverflow(by: shape[1])
        guard !overflow, count <= Int(H5Dget_storage_size(dataset)) / type.size else { return nil }
        var values = [Int32](repeating: 0, count: count)
        guard
            values.isEmpty
                || H5Dread(
                    dataset, hdf5_native_int32(), hdf5_whole_space(), hdf5_whole_space(), hdf5_default(), &values) >= 0
        else { return nil }
        return (values, shape[1])
    }

    private func shape(of dataset: hid_t) -> [Int]? {
        let space = H5Dget_space(dataset)
        guard space >= 0 else { return nil }
        defer { H5Sclose(space) }
        let rank = H5Sget_simple_extent_ndims(space)
        guard (1...2).contains(rank) else { return nil }
        var sizes = [hsize_t](repeating: 0, count: Int(rank))
        guard H5Sget_simple_extent_dims(space, &sizes, nil) == rank else { return nil }
        let whole = sizes.compactMap { Int(exactly: $0) }
        return whole.count == sizes.count ? whole : nil
    }

    private func elementType(of dataset: hid_t) -> (kind: H5T_class_t, size: Int)? {
        let type = H5Dget_type(dataset)
        guard type >= 0 else { return nil }
        defer { H5Tclose(type) }
        let size = Int(H5Tget_size(type))
        return size > 0 ? (H5Tget_class(type), size) : nil
    }
}

// MARK: Strings

extension HDF5File {
    func write(_ name: String, strings: [String]) -> Bool {
        let width = max(1, strings.map(\.utf8.count).max() ?? 1)
        let bytes = strings.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: width - $0.utf8.count) }
        let space = H5Screate_simple(1, [hsize_t(strings.count)], nil)
        let type = HDF5File.stringType(width)
        defer {
            H5Tclose(type)
            H5Sclose(space)
        }
        let dataset = H5Dcreate2(file, name, type, space, hdf5_default(), hdf5_default(), hdf5_default())
        guard dataset >= 0 else { return false }
        defer { H5Dclose(dataset) }
        return bytes.isEmpty
            || H5Dwrite(dataset, type, hdf5_whole_space(), hdf5_whole_space(), hdf5_default(), bytes) >= 0
    }

    func readStrings(_ name: String) -> [String]? {
        let dataset = H5Dopen2(file, name, hdf5_default())
        guard dataset >= 0 else { return nil }
        defer { H5Dclose(dataset) }
        guard let shape = shape(of: dataset), shape.count == 1, let type = elementType(of: dataset),
            type.kind == H5T_STRING, shape[0] <= Int(H5Dget_storage_size(dataset)) / type.size
        else { return nil }
        let memory = HDF5File.stringType(type.size)
        defer { H5Tclose(memory) }
        var bytes = [UInt8](repeating: 0, count: shape[0] * type.size)
        guard
            bytes.isEmpty
                || H5Dread(dataset, memory, hdf5_whole_space(), hdf5_whole_space(), hdf5_default(), &bytes) >= 0
        else { return nil }
        return (0..<shape[0]).map { HDF5File.text(bytes[$0 * type.size..<($0 + 1) * type.size]) }
    }

    private static func stringType(_ width: Int) -> hid_t {
        let type = H5Tcopy(hdf5_c_string())
        H5Tset_size(type, width)
        H5Tset_strpad(type, H5T_STR_NULLPAD)
        H5Tset_cset(type, H5T_CSET_UTF8)
        return type
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

// MARK: Attributes

extension HDF5File {
    /// Writes an attribute of the group or dataset `object` ("/" for the file).
    func setAttribute(_ name: String, of object: String, to value: Int) -> Bool {
        var number = Int32(clamping: value)
        return setAttribute(name, of: object, type: hdf5_native_int32(), bytes: &number)
    }

    func setAttribute(_ name: String, of object: String, to value: String) -> Bool {
        let bytes = Array(value.utf8) + [0]
        let type = HDF5File.stringType(bytes.count)
        defer { H5Tclose(type) }
        return setAttribute(name, of: object, type: type, bytes: bytes)
    }

    private func setAttribute(_ name: String, of object: String, type: hid_t, bytes: UnsafeRawPointer) -> Bool {
        let space = H5Screate(H5S_SCALAR)
        defer { H5Sclose(space) }
        let attribute = H5Acreate_by_name(
            file, object, name, type, space, hdf5_default(), hdf5_default(), hdf5_default())
        guard attribute >= 0 else { return false }
        defer { H5Aclose(attribute) }
        return H5Awrite(attribute, type, bytes) >= 0
    }

    func integerAttribute(_ name: String, of object: String) -> Int? {
        let attribute = H5Aopen_by_name(file, object, name, hdf5_default(), hdf5_default())
        guard attribute >= 0 else { return nil }
        defer { H5Aclose(attribute) }
        guard isScalar(attribute) else { return nil }
        var value: Int32 = 0
        return H5Aread(attribute, hdf5_native_int32(), &value) >= 0 ? Int(value) : nil
    }

    func textAttribute(_ name: String, of object: String) -> String? {
        let attribute = H5Aopen_by_name(file, object, name, hdf5_default(), hdf5_default())
        guard attribute >= 0 else { return nil }
        defer { H5Aclose(attribute) }
        let type = H5Aget_type(attribute)
        defer { H5Tclose(type) }
        let width = Int(H5Aget_storage_size(attribute))
        guard isScalar(attribute), H5Tget_class(type) == H5T_STRING, H5Tis_variable_str(type) == 0, width > 0
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: width)
        let memory = HDF5File.stringType(width)
        defer { H5Tclose(memory) }
        return H5Aread(attribute, memory, &bytes) >= 0 ? HDF5File.text(bytes) : nil
    }

    private func isScalar(_ attribute: hid_t) -> Bool {
        let space = H5Aget_space(attribute)
        defer { H5Sclose(space) }
        return H5Sget_simple_extent_npoints(space) == 1
    }
}
