package query

import (
	"bytes"
	"encoding/xml"
	"reflect"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Encode returns the XML of a successful answer. An output without members of
// its own answers <return>true</return>, as EC2's modifying actions do.
func Encode(action, requestID string, out any) []byte {
	var w writer
	w.WriteString(xml.Header)
	w.WriteString("<" + action + `Response xmlns="` + Namespace + `">`)
	w.leaf("requestId", requestID)
	before := w.Len()
	w.members(reflect.ValueOf(out).Elem())
	if w.Len() == before && !hasMembers(reflect.TypeOf(out).Elem()) {
		w.leaf("return", "true")
	}
	w.WriteString("</" + action + "Response>")
	return w.Bytes()
}

// EncodeError returns the XML of a refusal.
func EncodeError(requestID, code, message string) []byte {
	var w writer
	w.WriteString(xml.Header)
	w.WriteString("<Response><Errors><Error>")
	w.leaf("Code", code)
	w.leaf("Message", message)
	w.WriteString("</Error></Errors>")
	w.leaf("RequestID", requestID)
	w.WriteString("</Response>")
	return w.Bytes()
}

type writer struct{ bytes.Buffer }

func (w *writer) leaf(name, text string) {
	w.WriteString("<" + name + ">")
	_ = xml.EscapeText(w, []byte(text)) // a bytes.Buffer does not fail
	w.WriteString("</" + name + ">")
}

func (w *writer) members(v reflect.Value) {
	for i := range v.NumField() {
		if field := v.Type().Field(i); isMember(field) {
			w.member(element(v.Type().Name(), field.Name), v.Field(i))
		}
	}
}

// member writes what is set: nil pointers, nil lists and empty enums are absent.
func (w *writer) member(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.value(name, v.Elem())
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		w.WriteString("<" + name + ">")
		for i := range v.Len() {
			w.value("item", v.Index(i))
		}
		w.WriteString("</" + name + ">")
	case reflect.String:
		if v.Len() > 0 {
			w.value(name, v)
		}
	default:
		w.value(name, v)
	}
}

func (w *writer) value(name string, v reflect.Value) {
	if t, ok := reflect.TypeAssert[time.Time](v); ok {
		w.leaf(name, t.UTC().Format("2006-01-02T15:04:05.000Z"))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.WriteString("<" + name + ">")
		w.members(v)
		w.WriteString("</" + name + ">")
	case reflect.Bool:
		w.leaf(name, strconv.FormatBool(v.Bool()))
	case reflect.Int32, reflect.Int64:
		w.leaf(name, strconv.FormatInt(v.Int(), 10))
	default:
		w.leaf(name, v.String())
	}
}

func hasMembers(t reflect.Type) bool {
	for field := range t.Fields() {
		if isMember(field) {
			return true
		}
	}
	return false
}

func isMember(field reflect.StructField) bool {
	return field.IsExported() && field.Name != "ResultMetadata"
}

// element returns the name of a member in an answer: it starts in lower case.
func element(of, field string) string {
	switch of + "." + field {
	case "DescribeImagesOutput.Images":
		return "imagesSet"
	case "DescribeSnapshotsOutput.Snapshots":
		return "snapshotSet"
	case "DescribeTagsOutput.Tags", "Image.Tags", "Snapshot.Tags":
		return "tagSet"
	case "DescribeImageAttributeOutput.BlockDeviceMappings", "Image.BlockDeviceMappings":
		return "blockDeviceMapping"
	case "DescribeImageAttributeOutput.KernelId":
		return "kernel"
	case "DescribeImageAttributeOutput.RamdiskId":
		return "ramdisk"
	case "DescribeImageAttributeOutput.LaunchPermissions":
		return "launchPermission"
	case "DescribeSnapshotAttributeOutput.CreateVolumePermissions":
		return "createVolumePermission"
	case "Image.ImageWatermarks":
		return "imageWatermarkSet"
	case "Image.OwnerId":
		return "imageOwnerId"
	case "Image.Public":
		return "isPublic"
	case "Image.State":
		return "imageState"
	case "InstanceTypeSpecification.SupportedInstanceTypes":
		return "supportedInstanceTypeSet"
	case "InstanceTypeSpecification.UnsupportedInstanceTypes":
		return "unsupportedInstanceTypeSet"
	case "ProductCode.ProductCodeId":
		return "productCode"
	case "ProductCode.ProductCodeType":
		return "type"
	case "Snapshot.State":
		return "status"
	case "Snapshot.StateMessage":
		return "statusMessage"
	case "EbsBlockDevice.AvailabilityZoneId", "EbsBlockDevice.EbsCardIndex", "EbsBlockDevice.VolumeInitializationRate":
		return field
	}
	first, size := utf8.DecodeRuneInString(field)
	return string(unicode.ToLower(first)) + field[size:]
}
